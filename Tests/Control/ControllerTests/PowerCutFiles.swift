import Controller
import SimulationKit
import Synchronization

/// A disk that loses what was not synced. After the given number of operations the power is cut in the middle of one; then
/// ``restart(using:)`` shows what is left: of each file its synced bytes and any part of what came after, perhaps with
/// sectors that were never written; of the names a prefix of the changes since the directory was synced.
///
/// Sendable because a mutex guards the state.
final class PowerCutFiles: ControlFiles {
  private struct Contents {
    var durable: [UInt8]?
    var current: [UInt8]
  }

  private enum NameChange {
    case link(String, Int)
    case unlink(String)
  }

  private struct State {
    var files: [Int: Contents] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var nameChanges: [NameChange] = []
    var operationsLeft = Int.max
    var generator = SeededGenerator(seed: 0)
  }

  private let state = Mutex(State())

  /// Cuts the power during one of the next operations.
  func cutPower(after operations: Int, using generator: inout SeededGenerator) {
    let own = generator.split()
    state.withLock {
      $0.operationsLeft = operations
      $0.generator = own
    }
  }

  /// Loses what was not durable; the files are usable again.
  func restart(using generator: inout SeededGenerator) {
    var own = generator.split()
    state.withLock { state in
      var names = state.durableNames
      for change in state.nameChanges.prefix(Int.random(in: 0...state.nameChanges.count, using: &own)) {
        switch change {
        case .link(let name, let file): names[name] = file
        case .unlink(let name): names[name] = nil
        }
      }
      var files: [Int: Contents] = [:]
      for file in names.values.sorted() {
        let kept = PowerCutFiles.survivor(of: state.files[file]!, using: &own)
        files[file] = Contents(durable: kept, current: kept)
      }
      state = State(files: files, names: names, durableNames: names)
    }
  }

  /// Changes a file behind everybody's back.
  func damage(_ name: String, _ change: (inout [UInt8]) -> Void) {
    state.withLock { state in
      let file = state.names[name]!
      change(&state.files[file]!.current)
      state.files[file]!.durable = state.files[file]!.current
    }
  }

  private static func survivor(of contents: Contents, using generator: inout SeededGenerator) -> [UInt8] {
    let durable = contents.durable ?? []
    guard contents.current.count >= durable.count, contents.current.starts(with: durable) else {
      return generator.isOne(in: 2) ? durable : contents.current
    }
    var kept = Array(contents.current.prefix(Int.random(in: durable.count...contents.current.count, using: &generator)))
    var sector = (durable.count + 511) / 512 * 512
    while generator.isOne(in: 2), sector < kept.count {
      for index in sector..<min(kept.count, sector + 512) { kept[index] = 0 }
      sector += 512 * Int.random(in: 1...3, using: &generator)
    }
    return kept
  }

  // MARK: ControlFiles

  func names() throws(ControllerError) -> [String] { state.withLock { Array($0.names.keys) } }

  func contents(of name: String) throws(ControllerError) -> [UInt8] {
    guard let bytes = state.withLock({ state in state.names[name].map { state.files[$0]!.current } }) else {
      throw ControllerError(.storage, "no file \(name)")
    }
    return bytes
  }

  func create(_ name: String, _ bytes: [UInt8]) throws(ControllerError) {
    try change(bytes) { state, bytes in
      let file = (state.files.keys.max() ?? 0) + 1
      state.files[file] = Contents(durable: nil, current: bytes)
      state.names[name] = file
      state.nameChanges.append(.link(name, file))
    }
  }

  func append(to name: String, _ bytes: [UInt8]) throws(ControllerError) {
    try change(bytes) { state, bytes in state.files[state.names[name]!]!.current += bytes }
  }

  func truncate(_ name: String, to byteCount: Int) throws(ControllerError) {
    try change([]) { state, _ in
      let file = state.names[name]!
      state.files[file]!.current = Array(state.files[file]!.current.prefix(byteCount))
    }
  }

  func sync(_ name: String) throws(ControllerError) {
    try change([]) { state, _ in
      let file = state.names[name]!
      state.files[file]!.durable = state.files[file]!.current
    }
  }

  func rename(_ name: String, to newName: String) throws(ControllerError) {
    try change([]) { state, _ in
      let file = state.names.removeValue(forKey: name)!
      state.names[newName] = file
      state.nameChanges += [.link(newName, file), .unlink(name)]
    }
  }

  func remove(_ name: String) throws(ControllerError) {
    try change([]) { state, _ in
      state.names[name] = nil
      state.nameChanges.append(.unlink(name))
    }
  }

  func syncDirectory() throws(ControllerError) {
    try change([]) { state, _ in
      state.durableNames = state.names
      state.nameChanges = []
    }
  }

  /// Performs one operation, or the part of it that happens before the power is gone: some of the bytes, or nothing.
  private func change(_ bytes: [UInt8], _ perform: (inout State, [UInt8]) -> Void) throws(ControllerError) {
    let isDone = state.withLock { state -> Bool in
      guard state.operationsLeft > 0 else {
        if state.operationsLeft == 0, !bytes.isEmpty {
          let count = Int.random(in: 0...bytes.count, using: &state.generator)
          perform(&state, Array(bytes.prefix(count)))
        }
        state.operationsLeft = -1
        return false
      }
      state.operationsLeft -= 1
      perform(&state, bytes)
      return true
    }
    if !isDone { throw ControllerError(.storage, "the power is gone") }
  }
}
