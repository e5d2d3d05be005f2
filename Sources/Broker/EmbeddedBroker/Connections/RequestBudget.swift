internal import EventLoop
internal import Synchronization

/// Bytes that the requests of all connections together may hold. They are counted as they come, not as a length claims them.
///
/// One connection at a time may go beyond the limit until its request is handled, so that requests that have come in part
/// cannot wait for each other for ever: what is held stays below the limit and one request. Others wait their turn, each called
/// on its own loop.
final class RequestBudget: Sendable {
  private struct State {
    var taken = 0
    /// Who may go beyond the limit.
    var favourite: ObjectIdentifier?
    var waiting: [Waiter] = []
  }

  private struct Waiter {
    let holder: ObjectIdentifier
    let bytes: Int
    let loop: EventLoop
    let call: @Sendable () -> Void
  }

  private let limit: Int
  private let state = Mutex(State())

  init(bytes limit: Int) { self.limit = limit }

  /// Bytes that are held.
  var taken: Int { state.withLock { $0.taken } }

  /// Takes the bytes, or calls once they are there, already taken.
  func take(
    _ bytes: Int, for holder: ObjectIdentifier, on loop: EventLoop, orCall call: @escaping @Sendable () -> Void
  ) -> Bool {
    state.withLock { state in
      if Self.admits(holder, bytes, limit, &state) { return true }
      state.waiting.append(Waiter(holder: holder, bytes: bytes, loop: loop, call: call))
      return false
    }
  }

  private static func admits(_ holder: ObjectIdentifier, _ bytes: Int, _ limit: Int, _ state: inout State) -> Bool {
    let fits = state.taken + bytes <= limit
    guard fits || state.favourite == nil || state.favourite == holder else { return false }
    if !fits { state.favourite = holder }
    state.taken += bytes
    return true
  }

  /// Gives back everything that a connection has: its request is handled, or it is gone.
  func give(_ bytes: Int, from holder: ObjectIdentifier) {
    guard bytes > 0 else { return }
    let served = state.withLock { state in
      state.taken -= bytes
      if state.favourite == holder { state.favourite = nil }
      var served: [Waiter] = []
      while let first = state.waiting.first, Self.admits(first.holder, first.bytes, limit, &state) {
        served.append(state.waiting.removeFirst())
      }
      return served
    }
    for waiter in served { waiter.loop.execute(waiter.call) }
  }
}
