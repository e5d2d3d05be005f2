internal import Synchronization

/// Bytes of answers that all connections together may hold. Who finds few takes few, and is slower for it.
final class MemoryBudget: Sendable {
  private let limit: Int
  private let held = Mutex(0)

  init(bytes limit: Int) { self.limit = limit }

  /// Bytes that are held.
  var taken: Int { held.withLock { $0 } }

  /// Takes as many of the bytes as there are.
  func take(upTo bytes: Int) -> Int {
    held.withLock { taken in
      let granted = max(0, min(bytes, limit - taken))
      taken += granted
      return granted
    }
  }

  /// Gives bytes back.
  func give(_ bytes: Int) {
    guard bytes > 0 else { return }
    held.withLock { $0 -= bytes }
  }
}
