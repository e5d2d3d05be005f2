internal import Synchronization

/// Files of closed segments that were used lately, open, over all partitions: the one used longest ago is let go. A reader that
/// still has it goes on; it closes behind the last.
package final class FileCache: Sendable {
  fileprivate struct State {
    var files: [String: (file: any LogFile, turn: UInt64)] = [:]
    var turn: UInt64 = 0
  }

  private let files: any FileLayer
  private let limit: Int
  private let state = Mutex(State())

  /// An empty cache for at most `limit` files.
  package init(_ files: any FileLayer, limit: Int = LogLimits.openFiles) {
    self.files = files
    self.limit = limit
  }

  /// The file, opened where it is not open.
  func file(_ path: String) throws(FileError) -> any LogFile {
    if let open = state.withLock({ $0.use(path) }) { return open }
    let opened = try files.open(path, .existing)
    state.withLock { $0.add(opened, path, limit: limit) }
    return opened
  }

  /// Lets files go that have another name now, or none.
  func forget(_ paths: [String]) {
    state.withLock { state in
      for path in paths { state.files[path] = nil }
    }
  }
}

extension FileCache.State {
  fileprivate mutating func use(_ path: String) -> (any LogFile)? {
    guard let open = files[path]?.file else { return nil }
    turn += 1
    files[path]?.turn = turn
    return open
  }

  fileprivate mutating func add(_ file: any LogFile, _ path: String, limit: Int) {
    turn += 1
    files[path] = (file, turn)
    // A quarter at once, so that making room costs little for each file.
    guard files.count > limit else { return }
    let oldest = files.sorted { $0.value.turn < $1.value.turn }.prefix(max(1, limit / 4))
    for entry in oldest { files[entry.key] = nil }
  }
}
