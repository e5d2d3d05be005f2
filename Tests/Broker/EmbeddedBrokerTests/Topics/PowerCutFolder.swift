import PartitionLog
import SimulationKit
import Synchronization

/// A folder in memory that loses its power at a chosen call, and then holds what a disk may hold: of names, the first so many
/// changes; of a file's unsynced bytes, any mixture of old, new and zero.
final class PowerCutFolder: FileLayer {
  struct File: Sendable {
    var durable: [UInt8] = []
    var written: [UInt8] = []
  }

  struct State: Sendable {
    var files: [Int: File] = [:]
    var names: [String: Int] = [:]
    /// The names as they were after each change since the last sync, the synced ones first.
    var history: [[String: Int]] = [[:]]
    var callsUntilCut = Int.max
    var refusesWrites = false
  }

  private let state: Mutex<State>

  init(_ state: State = State()) { self.state = Mutex(state) }

  /// After so many calls more, every call fails.
  func cut(afterCalls count: Int) { state.withLock { $0.callsUntilCut = count } }
  /// From now on the disk has no room, or has some again.
  func refuseWrites(_ refuses: Bool) { state.withLock { $0.refusesWrites = refuses } }
  var isCut: Bool { state.withLock { $0.callsUntilCut <= 0 } }

  /// What a machine finds that starts again.
  func afterPowerCut(_ random: inout SeededGenerator) -> PowerCutFolder {
    let state = state.withLock { $0 }
    var found = State()
    found.names = state.history[Int.random(in: 0..<state.history.count, using: &random)]
    found.history = [found.names]
    for number in Set(found.names.values) {
      let file = state.files[number] ?? File()
      let bytes = Self.mixed(file, &random)
      found.files[number] = File(durable: bytes, written: bytes)
    }
    return PowerCutFolder(found)
  }

  private static func mixed(_ file: File, _ random: inout SeededGenerator) -> [UInt8] {
    if file.durable == file.written || random.isOne(in: 4) { return file.durable }
    if random.isOne(in: 4) { return file.written }
    let (low, high) = (
      min(file.durable.count, file.written.count), max(file.durable.count, file.written.count)
    )
    let count = Int.random(in: low...high, using: &random)
    return (0..<count).map { index in
      let old = index < file.durable.count ? file.durable[index] : 0
      let new = index < file.written.count ? file.written[index] : 0
      return random.isOne(in: 8) ? old : new
    }
  }

  // MARK: FileLayer

  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    try call("open", path) { state throws(FileError) in
      if let number = state.names[path] {
        if opening == .empty { state.files[number]?.written = [] }
        return OpenFile(path, number, self)
      }
      guard opening != .existing else { throw FileError("open", path, FileError.noEntry) }
      let number = (state.files.keys.max() ?? 0) + 1
      state.files[number] = File()
      state.names[path] = number
      state.history.append(state.names)
      return OpenFile(path, number, self)
    }
  }

  func makeDirectory(_ path: String) throws(FileError) {}
  func removeDirectory(_ path: String) throws(FileError) {}
  func names(in path: String) throws(FileError) -> [String] { state.withLock { Array($0.names.keys) } }

  func syncDirectory(_ path: String) throws(FileError) {
    try call("fsync", path) { state in state.history = [state.names] }
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try call("rename", path) { state in
      state.names[newPath] = state.names.removeValue(forKey: path)
      state.history.append(state.names)
    }
  }

  func remove(_ path: String) throws(FileError) {
    try call("unlink", path) { state in
      state.names[path] = nil
      state.history.append(state.names)
    }
  }

  fileprivate func call<Value>(
    _ name: String, _ path: String, _ body: (inout State) throws(FileError) -> Value
  ) throws(FileError) -> Value {
    let result = state.withLock { state -> Result<Value, FileError> in
      state.callsUntilCut -= 1
      guard state.callsUntilCut > 0 else { return .failure(FileError(name, path, 5)) }
      do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// The call during which the power goes has done some of its work.
  fileprivate func write(_ bytes: [UInt8], at position: Int64, to number: Int, _ path: String) throws(FileError) {
    let result = state.withLock { state -> Result<Void, FileError> in
      state.callsUntilCut -= 1
      let isRefused = state.refusesWrites
      guard state.callsUntilCut >= 0, var file = state.files[number] else {
        return .failure(FileError("pwrite", path, 5))
      }
      let count = state.callsUntilCut == 0 || isRefused ? bytes.count / 2 : bytes.count
      let start = Int(position)
      if file.written.count < start + count {
        file.written += [UInt8](repeating: 0, count: start + count - file.written.count)
      }
      file.written.replaceSubrange(start..<start + count, with: bytes[..<count])
      state.files[number] = file
      if isRefused { return .failure(FileError("pwrite", path, FileError.noSpace)) }
      return state.callsUntilCut == 0 ? .failure(FileError("pwrite", path, 5)) : .success(())
    }
    try result.get()
  }
}

private final class OpenFile: LogFile {
  let path: String
  private let number: Int
  private let folder: PowerCutFolder

  init(_ path: String, _ number: Int, _ folder: PowerCutFolder) {
    self.path = path
    self.number = number
    self.folder = folder
  }

  func byteCount() throws(FileError) -> Int64 {
    try folder.call("fstat", path) { Int64($0.files[number]?.written.count ?? 0) }
  }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    try folder.write(Array(parts.joined()), at: position, to: number, path)
  }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    let bytes = try folder.call("pread", path) { state in
      Array((state.files[number]?.written ?? []).dropFirst(Int(position)).prefix(count))
    }
    output += bytes
    return true
  }

  func truncate(to byteCount: Int64) throws(FileError) {
    try folder.call("ftruncate", path) { state in
      let bytes = state.files[number]?.written ?? []
      let zeros = [UInt8](repeating: 0, count: max(0, Int(byteCount) - bytes.count))
      state.files[number]?.written = Array(bytes.prefix(Int(byteCount))) + zeros
    }
  }

  func sync() throws(FileError) {
    try folder.call("fdatasync", path) { state in
      let written = state.files[number]?.written ?? []
      state.files[number]?.durable = written
    }
  }
}
