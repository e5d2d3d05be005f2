import PartitionLog
import SimulationKit
import Synchronization

/// A file system in memory that loses its power at a chosen call, and then holds what a disk may hold: of each folder's names
/// the first so many changes since it was synced; of a file's unsynced bytes any mixture of old, new and zero.
final class PowerCutDisk: FileLayer {
  fileprivate struct File {
    var durable: [UInt8] = []
    var written: [UInt8] = []
  }

  fileprivate struct Folder {
    /// The names as they were after each change since the last sync, the synced ones first.
    var history: [[String: Int]] = [[:]]
    var names: [String: Int] { history[history.count - 1] }
  }

  fileprivate struct State {
    var files: [Int: File] = [:]
    var folders: [Int: Folder] = [0: Folder()]
    var lastNumber = 0
    var callsUntilCut = Int.max
    var refusesWrites = false
  }

  private let state: Mutex<State>

  init() { state = Mutex(State()) }
  private init(_ state: sending State) { self.state = Mutex(state) }

  /// The so many-th call from now, and every one after it, fails.
  func cut(atCall number: Int) { state.withLock { $0.callsUntilCut = number } }
  /// From now on the disk has no room, or has some again.
  func refuseWrites(_ refuses: Bool) { state.withLock { $0.refusesWrites = refuses } }
  var isCut: Bool { state.withLock { $0.callsUntilCut <= 0 } }

  /// What a machine finds that starts again.
  func afterPowerCut(_ random: inout SeededGenerator) -> PowerCutDisk {
    let (files, folders, lastNumber) = state.withLock { ($0.files, $0.folders, $0.lastNumber) }
    var found = State()
    found.lastNumber = lastNumber
    for (number, folder) in folders.sorted(by: { $0.key < $1.key }) {
      found.folders[number] = Folder(history: [folder.history[Int.random(in: 0..<folder.history.count, using: &random)]]
      )
    }
    for (number, file) in files.sorted(by: { $0.key < $1.key }) {
      let bytes = Self.mixed(file, &random)
      found.files[number] = File(durable: bytes, written: bytes)
    }
    return PowerCutDisk(found)
  }

  private static func mixed(_ file: File, _ random: inout SeededGenerator) -> [UInt8] {
    if file.durable == file.written || random.isOne(in: 4) { return file.durable }
    if random.isOne(in: 4) { return file.written }
    let low = min(file.durable.count, file.written.count)
    let high = max(file.durable.count, file.written.count)
    return (0..<Int.random(in: low...high, using: &random)).map { index in
      let old = index < file.durable.count ? file.durable[index] : 0
      let new = index < file.written.count ? file.written[index] : 0
      return random.isOne(in: 8) ? old : new
    }
  }

  // MARK: FileLayer

  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    try call("open", path) { state throws(FileError) in
      let (folder, name) = try state.place(path)
      if let number = state.folders[folder]?.names[name] {
        guard state.files[number] != nil else { throw FileError("open", path, 21) }
        if opening == .empty { state.files[number]?.written = [] }
        return OpenFile(path, number, self)
      }
      guard opening != .existing else { throw FileError("open", path, FileError.noEntry) }
      let number = state.nextNumber()
      state.files[number] = File()
      state.change(folder) { $0[name] = number }
      return OpenFile(path, number, self)
    }
  }

  func makeDirectory(_ path: String) throws(FileError) {
    try call("mkdir", path) { state throws(FileError) in
      let (folder, name) = try state.place(path)
      guard state.folders[folder]?.names[name] == nil else { return }
      let number = state.nextNumber()
      state.folders[number] = Folder()
      state.change(folder) { $0[name] = number }
    }
  }

  func syncDirectory(_ path: String) throws(FileError) {
    try call("fsync", path) { state throws(FileError) in
      let number = try state.folder(path)
      let names = state.folders[number]?.names ?? [:]
      state.folders[number]?.history = [names]
    }
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try call("rename", path) { state throws(FileError) in
      let (folder, name) = try state.place(path)
      let (newFolder, newName) = try state.place(newPath)
      precondition(folder == newFolder, "the broker renames within a folder")
      guard let number = state.folders[folder]?.names[name] else { throw FileError("rename", path, FileError.noEntry) }
      state.change(folder) {
        $0[name] = nil
        $0[newName] = number
      }
    }
  }

  func remove(_ path: String) throws(FileError) {
    try call("unlink", path) { state throws(FileError) in
      let (folder, name) = try state.place(path)
      state.change(folder) { $0[name] = nil }
    }
  }

  func removeDirectory(_ path: String) throws(FileError) { try remove(path) }

  func names(in path: String) throws(FileError) -> [String] {
    try call("opendir", path) { state throws(FileError) in
      let number = try state.folder(path)
      return (state.folders[number]?.names ?? [:]).keys.sorted()
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

  // MARK: files

  /// The call during which the power goes, or that finds no room, has done half of its work.
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

  fileprivate func contents(of number: Int, _ path: String) throws(FileError) -> [UInt8] {
    try call("pread", path) { $0.files[number]?.written ?? [] }
  }

  fileprivate func truncate(_ number: Int, to count: Int, _ path: String) throws(FileError) {
    try call("ftruncate", path) { state in
      let bytes = state.files[number]?.written ?? []
      state.files[number]?.written =
        Array(bytes.prefix(count)) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
  }

  fileprivate func sync(_ number: Int, _ path: String) throws(FileError) {
    try call("fdatasync", path) { state in
      let written = state.files[number]?.written ?? []
      state.files[number]?.durable = written
    }
  }
}

extension PowerCutDisk.State {
  fileprivate mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  fileprivate mutating func change(_ folder: Int, _ body: (inout [String: Int]) -> Void) {
    guard var names = folders[folder]?.names else { return }
    body(&names)
    folders[folder]?.history.append(names)
  }

  fileprivate func folder(_ path: String) throws(FileError) -> Int {
    var number = 0
    for part in path.split(separator: "/") {
      guard let next = folders[number]?.names[String(part)], folders[next] != nil else {
        throw FileError("open", path, FileError.noEntry)
      }
      number = next
    }
    return number
  }

  fileprivate func place(_ path: String) throws(FileError) -> (folder: Int, name: String) {
    let parts = path.split(separator: "/")
    return (try folder(parts.dropLast().joined(separator: "/")), String(parts.last ?? ""))
  }
}

private final class OpenFile: LogFile {
  let path: String
  private let number: Int
  private let disk: PowerCutDisk

  init(_ path: String, _ number: Int, _ disk: PowerCutDisk) {
    self.path = path
    self.number = number
    self.disk = disk
  }

  func byteCount() throws(FileError) -> Int64 { Int64(try disk.contents(of: number, path).count) }

  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    try disk.write(Array(parts.joined()), at: position, to: number, path)
  }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    output += try disk.contents(of: number, path).dropFirst(Int(position)).prefix(count)
    return true
  }

  func truncate(to byteCount: Int64) throws(FileError) { try disk.truncate(number, to: Int(byteCount), path) }
  func sync() throws(FileError) { try disk.sync(number, path) }
}
