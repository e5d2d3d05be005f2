import PartitionLog
import SimulationKit
import Synchronization

/// A file system in memory that remembers what was written and what was synced, and makes what a machine may find whose power
/// was cut: of what was not synced any part in blocks, in the order of the calls or in none.
final class PowerCutFiles: FileLayer {
  /// What of the unsynced is left.
  enum Survival {
    /// The calls before a drawn one; of that one, its first blocks.
    case prefix
    /// Of each file any blocks, of each folder the first changes.
    case reordered
  }

  fileprivate enum Change {
    case write(order: Int, position: Int, bytes: [UInt8])
    case truncate(order: Int, count: Int)
  }

  fileprivate struct Inode {
    var durable: [UInt8] = []
    var written: [UInt8] = []
    var changes: [Change] = []
  }

  fileprivate struct Folder {
    /// The names after each change since the last sync, the synced ones first.
    var history: [(order: Int, names: [String: Int])] = [(0, [:])]
    var names: [String: Int] { history[history.count - 1].names }
  }

  fileprivate struct State {
    var inodes: [Int: Inode] = [:]
    var folders: [String: Folder] = [:]
    var order = 0
    var callsLeft = Int.max
    var bytesLeft = Int.max
    var failsSync = false
  }

  private let state: Mutex<State>

  init() { state = Mutex(State()) }
  private init(_ found: sending State) { state = Mutex(found) }

  /// How many calls there were that change something.
  var order: Int { state.withLock { $0.order } }
  /// After so many changing calls, each fails as if the disk were gone.
  func fail(afterCalls count: Int) { state.withLock { $0.callsLeft = count } }
  /// There is room for so many more bytes.
  func limit(bytes: Int) { state.withLock { $0.bytesLeft = bytes } }
  /// Whether each sync fails from now on.
  func failSyncs(_ fails: Bool) { state.withLock { $0.failsSync = fails } }

  /// What is found after a cut now.
  func afterPowerCut(_ survival: Survival, _ random: inout SeededGenerator) -> PowerCutFiles {
    let before = state.withLock { (inodes: $0.inodes, folders: $0.folders, order: $0.order) }
    let block = random.isOne(in: 2) ? 512 : 4_096
    var found = State()
    found.order = before.order
    let cut = survival == .prefix ? Self.cut(before.inodes, before.folders, before.order, &random) : nil
    for (path, folder) in before.folders.sorted(by: { $0.key < $1.key }) {
      let last =
        if let cut { folder.history.last { $0.order < cut } ?? folder.history[0] } else {
          folder.history.randomElement(using: &random) ?? folder.history[0]
        }
      found.folders[path] = Folder(history: [(0, last.names)])
    }
    for (number, inode) in before.inodes.sorted(by: { $0.key < $1.key }) {
      let bytes = inode.bytes(cut: cut, block: block, &random)
      found.inodes[number] = Inode(durable: bytes, written: bytes)
    }
    return PowerCutFiles(found)
  }

  /// What is found where all that was not synced is lost.
  func withoutUnsynced() -> PowerCutFiles {
    var found = state.withLock { $0 }
    for (path, folder) in found.folders { found.folders[path] = Folder(history: [folder.history[0]]) }
    for (number, inode) in found.inodes {
      found.inodes[number] = Inode(durable: inode.durable, written: inode.durable)
    }
    return PowerCutFiles(found)
  }

  /// A call among those that no sync has covered.
  private static func cut(
    _ inodes: [Int: Inode], _ folders: [String: Folder], _ order: Int, _ random: inout SeededGenerator
  ) -> Int {
    let orders = inodes.values.flatMap { $0.changes.map(\.order) } + folders.values.flatMap { $0.history.map(\.order) }
    return Int.random(in: (orders.filter { $0 > 0 }.min() ?? order)...order + 1, using: &random)
  }

  // MARK: FileLayer

  func open(_ path: String, _ opening: FileOpening) throws(FileError) -> any LogFile {
    try call { state throws(FileError) in
      let (folder, name) = (FilePath.folder(of: path), PowerCutFiles.name(path))
      guard let names = state.folders[folder]?.names else { throw FileError("open", path, FileError.noEntry) }
      if let number = names[name] {
        if opening == .empty, state.inodes[number]?.written.isEmpty == false {
          try state.pay("open", path)
          state.inodes[number]?.written = []
          state.inodes[number]?.changes.append(.truncate(order: state.order, count: 0))
        }
        return OpenFile(path, number, self)
      }
      guard opening != .existing else { throw FileError("open", path, FileError.noEntry) }
      try state.pay("open", path)
      guard state.bytesLeft > 0 else { throw FileError("open", path, FileError.noSpace) }
      let number = state.inodes.count
      state.inodes[number] = Inode()
      state.change(folder) { $0[name] = number }
      return OpenFile(path, number, self)
    }
  }

  /// Folders are durable at once: cuts while they are made are the topics' tests.
  func makeDirectory(_ path: String) throws(FileError) {
    try call { state in if state.folders[path] == nil { state.folders[path] = Folder() } }
  }

  func syncDirectory(_ path: String) throws(FileError) {
    try call { state throws(FileError) in
      try state.pay("fsync", path)
      guard let names = state.folders[path]?.names else { return }
      state.folders[path] = Folder(history: [(0, names)])
    }
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try call { state throws(FileError) in
      try state.pay("rename", path)
      let folder = FilePath.folder(of: path)
      guard let number = state.folders[folder]?.names[PowerCutFiles.name(path)] else {
        throw FileError("rename", path, FileError.noEntry)
      }
      state.change(folder) {
        $0[PowerCutFiles.name(path)] = nil
        $0[PowerCutFiles.name(newPath)] = number
      }
    }
  }

  func remove(_ path: String) throws(FileError) {
    try call { state throws(FileError) in
      try state.pay("unlink", path)
      let (folder, name) = (FilePath.folder(of: path), PowerCutFiles.name(path))
      guard state.folders[folder]?.names[name] != nil else { return }
      state.change(folder) { $0[name] = nil }
    }
  }

  func removeDirectory(_ path: String) throws(FileError) {
    try call { state in state.folders[path] = nil }
  }

  func names(in path: String) throws(FileError) -> [String] {
    try call { state throws(FileError) in
      guard let names = state.folders[path]?.names else { throw FileError("opendir", path, FileError.noEntry) }
      return names.keys.sorted()
    }
  }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

  fileprivate func call<Value>(
    _ body: (inout State) throws(FileError) -> Value
  ) throws(FileError) -> Value {
    let result = state.withLock { state -> Result<Value, FileError> in
      do throws(FileError) { return .success(try body(&state)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

extension PowerCutFiles.Change {
  fileprivate var order: Int {
    switch self {
    case .write(let order, _, _), .truncate(let order, _): order
    }
  }
}

extension PowerCutFiles.State {
  /// Counts a call that changes something.
  fileprivate mutating func pay(_ call: String, _ path: String) throws(FileError) {
    guard callsLeft > 0 else { throw FileError(call, path, 5) }
    callsLeft -= 1
    order += 1
  }

  fileprivate mutating func change(_ folder: String, _ body: (inout [String: Int]) -> Void) {
    guard var names = folders[folder]?.names else { return }
    body(&names)
    folders[folder]?.history.append((order, names))
  }
}

extension PowerCutFiles.Inode {
  /// What is left of it: nil as the cut is any blocks.
  fileprivate func bytes(cut: Int?, block: Int, _ random: inout SeededGenerator) -> [UInt8] {
    guard !changes.isEmpty else { return durable }
    if cut == nil, random.isOne(in: 4) { return written }
    var (bytes, counts) = (durable, [durable.count])
    for change in changes {
      switch change {
      case .truncate(let order, let count):
        if cut.map({ order < $0 }) ?? !random.isOne(in: 3) { bytes = Self.sized(bytes, count) }
      case .write(let order, let position, let data):
        if let cut, order > cut { return bytes }
        bytes = Self.sized(bytes, max(bytes.count, position + data.count))
        var start = position
        let tornAt = cut == order ? Int.random(in: 0...data.count, using: &random) / block * block : data.count
        while start < position + data.count {
          let end = min((start / block + 1) * block, position + data.count)
          let stays = cut == nil ? random.isOne(in: 2) : start - position < tornAt
          if stays { bytes.replaceSubrange(start..<end, with: data[start - position..<end - position]) }
          start = end
        }
      }
      counts.append(bytes.count)
    }
    guard cut == nil, let count = counts.randomElement(using: &random) else { return bytes }
    return Self.sized(bytes, count)
  }

  fileprivate static func sized(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
    Array(bytes.prefix(count)) + [UInt8](repeating: 0, count: max(0, count - bytes.count))
  }
}

private final class OpenFile: LogFile {
  let path: String
  private let number: Int
  private let files: PowerCutFiles

  init(_ path: String, _ number: Int, _ files: PowerCutFiles) {
    self.path = path
    self.number = number
    self.files = files
  }

  func byteCount() throws(FileError) -> Int64 {
    try files.call { Int64($0.inodes[self.number]?.written.count ?? 0) }
  }

  /// Where there is no room for all of it, a part is there.
  func write(_ parts: [ArraySlice<UInt8>], at position: Int64) throws(FileError) {
    let (number, path, whole, start) = (number, path, Array(parts.joined()), Int(position))
    try files.call { state throws(FileError) in
      try state.pay("pwrite", path)
      let bytes = Array(whole.prefix(state.bytesLeft))
      if state.bytesLeft != .max { state.bytesLeft -= bytes.count }
      let end = start + bytes.count
      if let count = state.inodes[number]?.written.count, count < end {
        state.inodes[number]?.written.append(contentsOf: repeatElement(0, count: end - count))
      }
      state.inodes[number]?.written.replaceSubrange(start..<end, with: bytes)
      state.inodes[number]?.changes.append(.write(order: state.order, position: start, bytes: bytes))
      if bytes.count < whole.count { throw FileError("pwrite", path, FileError.noSpace) }
    }
  }

  func read(_ count: Int, at position: Int64, reach: ReadReach, into output: inout [UInt8]) throws(FileError) -> Bool {
    let number = number
    output += try files.call { state in
      Array((state.inodes[number]?.written ?? []).dropFirst(Int(position)).prefix(count))
    }
    return true
  }

  func truncate(to byteCount: Int64) throws(FileError) {
    let (number, path) = (number, path)
    try files.call { state throws(FileError) in
      try state.pay("ftruncate", path)
      let written = state.inodes[number]?.written ?? []
      state.inodes[number]?.written = PowerCutFiles.Inode.sized(written, Int(byteCount))
      state.inodes[number]?.changes.append(.truncate(order: state.order, count: Int(byteCount)))
    }
  }

  func sync() throws(FileError) {
    let (number, path) = (number, path)
    try files.call { state throws(FileError) in
      try state.pay("fdatasync", path)
      guard !state.failsSync else { throw FileError("fdatasync", path, 5) }
      let written = state.inodes[number]?.written ?? []
      state.inodes[number]?.durable = written
      state.inodes[number]?.changes = []
    }
  }
}
