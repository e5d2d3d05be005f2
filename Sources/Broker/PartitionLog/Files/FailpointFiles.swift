internal import Glibc
internal import Synchronization

/// A file system that kills the process at a chosen moment, for tests of what the next process finds. The log knows nothing of it.
package final class FailpointFiles: FileLayer {
  private let files: any FileLayer
  private let trigger: FailpointTrigger

  /// - Parameter kill: what happens at the moment; the process gets SIGKILL where nothing else is said.
  package init(
    _ files: any FileLayer, _ failpoint: Failpoint,
    kill: @escaping @Sendable () -> Void = { _ = Glibc.kill(getpid(), SIGKILL) }
  ) {
    self.files = files
    trigger = FailpointTrigger(failpoint, kill)
  }

  /// The files themselves where nothing is asked for; files that kill the process where a failpoint is, as `after-sync:2`. A text
  /// that is none stops the process: a test that kills nothing would pass.
  package static func fromEnvironment(_ value: String?, over files: any FileLayer) -> any FileLayer {
    guard let value, !value.isEmpty else { return files }
    guard let failpoint = Failpoint(value) else { preconditionFailure("'\(value)' is no failpoint as after-sync:2") }
    return FailpointFiles(files, failpoint)
  }

  package func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    let file = try files.open(path, opening)
    if opening == .empty, let name = SegmentName.parse(FilePath.name(of: path)), name.kind == .log, name.offset > 0 {
      trigger.pass(.midRoll)
    }
    return FailpointFile(file, trigger)
  }

  package func makeDirectory(_ path: String) throws(FileError) { try files.makeDirectory(path) }
  package func syncDirectory(_ path: String) throws(FileError) { try files.syncDirectory(path) }
  package func remove(_ path: String) throws(FileError) { try files.remove(path) }
  package func removeDirectory(_ path: String) throws(FileError) { try files.removeDirectory(path) }
  package func names(in path: String) throws(FileError) -> [String] { try files.names(in: path) }

  package func rename(_ path: String, to newPath: String) throws(FileError) {
    if newPath.hasSuffix(".snapshot") { trigger.pass(.midSnapshot) }
    try files.rename(path, to: newPath)
  }
}

/// Counts how often the moment has come by.
private final class FailpointTrigger: Sendable {
  private let failpoint: Failpoint
  private let passed = Atomic<Int>(0)
  private let kill: @Sendable () -> Void

  init(_ failpoint: Failpoint, _ kill: @escaping @Sendable () -> Void) {
    self.failpoint = failpoint
    self.kill = kill
  }

  func pass(_ moment: Failpoint.Moment) { if isTime(for: moment) { kill() } }

  /// Whether this is the time that was chosen.
  func isTime(for moment: Failpoint.Moment) -> Bool {
    guard moment == failpoint.moment else { return false }
    return passed.add(1, ordering: .relaxed).newValue == failpoint.count
  }
}

private final class FailpointFile: LogFile {
  private let file: any LogFile
  private let trigger: FailpointTrigger

  init(_ file: any LogFile, _ trigger: FailpointTrigger) {
    self.file = file
    self.trigger = trigger
  }

  var path: String { file.path }
  func byteCount() throws(FileError) -> Int64 { try file.byteCount() }
  func truncate(to byteCount: Int64) throws(FileError) { try file.truncate(to: byteCount) }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    try file.read(count, at: position, reach: reach, into: &output)
  }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    try file.write(parts, at: position)
    if isOfBatches { trigger.pass(.afterWrite) }
    if path.hasSuffix("/metadata.log") { trigger.pass(.midMetadata) }
  }

  func sync() throws(FileError) {
    if isOfBatches, trigger.isTime(for: .failedSync) { throw FileError(FileError.syncCall, path, EIO) }
    try file.sync()
    if isOfBatches { trigger.pass(.afterSync) }
  }

  private var isOfBatches: Bool {
    let name = FilePath.name(of: path)
    return SegmentName.parse(name)?.kind == .log || CommitJournal.fileNames.contains(name)
  }
}
