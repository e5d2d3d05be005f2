internal import EventLoop
internal import Synchronization

/// Bytes that all connections together may hold. Who finds too few waits its turn, on its own loop.
final class MemoryBudget: Sendable {
  private struct State {
    var taken = 0
    var waiting: [(bytes: Int, loop: EventLoop, call: @Sendable () -> Void)] = []
  }

  private let limit: Int
  private let state = Mutex(State())

  init(bytes limit: Int) { self.limit = limit }

  /// Bytes that are held.
  var taken: Int { state.withLock { $0.taken } }

  /// Takes the bytes, or calls once they are there, already taken. More than there are in all may be taken by one alone.
  func take(_ bytes: Int, on loop: EventLoop, orCall call: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.waiting.isEmpty, state.taken == 0 || state.taken + bytes <= limit {
        state.taken += bytes
        return true
      }
      state.waiting.append((bytes, loop, call))
      return false
    }
  }

  /// Takes as many of the bytes as there are.
  func take(upTo bytes: Int) -> Int {
    state.withLock { state in
      let granted = max(0, min(bytes, limit - state.taken))
      state.taken += granted
      return granted
    }
  }

  /// Gives bytes back.
  func give(_ bytes: Int) {
    guard bytes > 0 else { return }
    let served = state.withLock { state in
      state.taken -= bytes
      var served: [(EventLoop, @Sendable () -> Void)] = []
      while let first = state.waiting.first, state.taken == 0 || state.taken + first.bytes <= limit {
        state.waiting.removeFirst()
        state.taken += first.bytes
        served.append((first.loop, first.call))
      }
      return served
    }
    for (loop, call) in served { loop.execute(call) }
  }
}
