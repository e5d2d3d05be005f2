import Glibc
import PartitionLog
import Synchronization

/// The disk, with syncs that wait until they are let through, or fail, and segments that are not in memory. Sendable because every access holds the mutex.
final class GatedFiles: FileLayer, @unchecked Sendable {
  /// What becomes of a sync of a segment.
  enum Syncs: Sendable { case pass, wait, fail }
  /// What becomes of a read of a segment.
  enum Reads: Sendable {
    case asTheyCome
    /// Nothing is in memory: all comes from the disk.
    case cold
    /// Every other read finds it in memory.
    case halfCold
    /// Reads from the disk wait.
    case wait
    /// Reads from the disk fail.
    case fail
  }
  private struct State {
    var syncs = Syncs.pass
    var reads = Reads.asTheyCome
    var cachedReads = 0
    var diskReads = 0
    var waiting = 0
    var refusesWrites = false
  }

  private let disk = DiskFiles()
  private let state = Mutex(State())
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// What becomes of syncs from now on; those that wait go on where it is not `wait`.
  func set(_ syncs: Syncs) {
    change { $0.syncs = syncs }
  }

  /// What becomes of reads from now on; those that wait go on where it is not `wait`.
  func set(reads: Reads) {
    change { $0.reads = reads }
  }

  /// Reads of segments that went to the disk.
  var diskReadCount: Int { state.withLock { $0.diskReads } }

  /// Whether writes into segments are refused for want of room.
  func refuseWrites(_ refuses: Bool) {
    change { $0.refusesWrites = refuses }
  }

  /// Returns once so many syncs, or reads from the disk, wait.
  func awaitWaiting(_ count: Int) {
    pthread_mutex_lock(mutex)
    while state.withLock({ $0.waiting }) < count { pthread_cond_wait(changed, mutex) }
    pthread_mutex_unlock(mutex)
  }

  private func change(_ body: (inout State) -> Void) {
    pthread_mutex_lock(mutex)
    state.withLock { body(&$0) }
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  fileprivate func pass(_ path: String) throws(FileError) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    state.withLock { $0.waiting += 1 }
    pthread_cond_broadcast(changed)
    while state.withLock({ $0.syncs == .wait }) { pthread_cond_wait(changed, mutex) }
    state.withLock { $0.waiting -= 1 }
    if state.withLock({ $0.syncs == .fail }) { throw FileError("fdatasync", path, EIO) }
  }

  /// Whether a read may go on from memory.
  fileprivate func isCached() -> Bool {
    state.withLock { state in
      state.cachedReads += 1
      return switch state.reads {
      case .asTheyCome: true
      case .cold, .wait, .fail: false
      case .halfCold: state.cachedReads.isMultiple(of: 2)
      }
    }
  }

  fileprivate func passRead(_ path: String) throws(FileError) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    state.withLock {
      $0.diskReads += 1
      $0.waiting += 1
    }
    pthread_cond_broadcast(changed)
    while state.withLock({ $0.reads == .wait }) { pthread_cond_wait(changed, mutex) }
    state.withLock { $0.waiting -= 1 }
    if state.withLock({ $0.reads == .fail }) { throw FileError("pread", path, EIO) }
  }

  fileprivate func checkRoom(_ path: String) throws(FileError) {
    if state.withLock({ $0.refusesWrites }) { throw FileError("pwrite", path, ENOSPC) }
  }

  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    let file = try disk.open(path, opening)
    return path.hasSuffix(".log") && !path.hasSuffix("metadata.log") ? GatedFile(file, self) : file
  }
  func makeDirectory(_ path: String) throws(FileError) { try disk.makeDirectory(path) }
  func syncDirectory(_ path: String) throws(FileError) { try disk.syncDirectory(path) }
  func rename(_ path: String, to newPath: String) throws(FileError) { try disk.rename(path, to: newPath) }
  func remove(_ path: String) throws(FileError) { try disk.remove(path) }
  func removeDirectory(_ path: String) throws(FileError) { try disk.removeDirectory(path) }
  func names(in path: String) throws(FileError) -> [String] { try disk.names(in: path) }
}

/// A segment whose syncs the gate holds.
private final class GatedFile: LogFile {
  private let file: any LogFile
  private let gate: GatedFiles

  init(_ file: any LogFile, _ gate: GatedFiles) {
    self.file = file
    self.gate = gate
  }

  var path: String { file.path }
  func byteCount() throws(FileError) -> Int64 { try file.byteCount() }
  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    try gate.checkRoom(path)
    try file.write(parts, at: position)
  }
  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    switch reach {
    case .cached: guard gate.isCached() else { return false }
    case .disk: try gate.passRead(path)
    }
    return try file.read(count, at: position, reach: reach, into: &output)
  }
  func truncate(to byteCount: Int64) throws(FileError) { try file.truncate(to: byteCount) }
  func sync() throws(FileError) {
    try gate.pass(path)
    try file.sync()
  }
}
