internal import Synchronization

/// A number that only grows. From any thread.
package final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  init() {}

  /// What has been counted.
  package var value: Int { count.load(ordering: .relaxed) }

  /// Adds to it; negative amounts are a bug.
  package func increment(by amount: Int = 1) {
    precondition(amount >= 0)
    count.wrappingAdd(amount, ordering: .relaxed)
  }
}

/// A number that goes up and down. From any thread.
package final class Gauge: Sendable {
  private let bits = Atomic<UInt64>(0)

  init() {}

  /// What it stands at.
  package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  /// Sets it.
  package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  /// Sets it.
  package func set(_ value: Int) { set(Double(value)) }

  /// Adds to it, or takes away.
  package func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = (Double(bitPattern: old) + amount).bitPattern
      let exchange = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
      guard !exchange.exchanged else { return }
      old = exchange.original
    }
  }
}
