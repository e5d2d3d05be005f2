internal import Synchronization

/// Which values a histogram tells apart.
package struct HistogramRange: Sendable, Hashable {
  /// The smallest bound is 2 to this power; smaller values are counted as it.
  package let lowestExponent: Int
  /// The largest bound is 2 to this power; larger values are counted beyond every bound.
  package let highestExponent: Int

  /// From about one microsecond to 4,096 seconds.
  package static let seconds = HistogramRange(lowestExponent: -20, highestExponent: 12)
  /// From 16 bytes to one gibibyte.
  package static let bytes = HistogramRange(lowestExponent: 4, highestExponent: 30)
  /// From one to about a million.
  package static let counts = HistogramRange(lowestExponent: 0, highestExponent: 20)
}

/// How values are distributed, in logarithmic buckets: each power of two is cut into 16 equal parts.
///
/// A value read back (``quantile(_:)``) is off by at most 1/32 of itself (3.2 %) inside the range. The exposition shows the
/// powers of two as bounds, which are exact. From any thread.
package final class Histogram: Sendable {
  static let partsPerPower = 16

  /// What the histogram holds at one moment.
  struct Snapshot: Sendable {
    var buckets: [Int]
    var count = 0
    var sum = 0.0
  }

  let range: HistogramRange
  private let state: Mutex<Snapshot>

  init(range: HistogramRange) {
    self.range = range
    // One bucket below, one above the range.
    let inner = (range.highestExponent - range.lowestExponent) * Histogram.partsPerPower
    state = Mutex(Snapshot(buckets: Array(repeating: 0, count: inner + 2)))
  }

  /// Counts a value. Values that are not finite or are negative count as zero.
  package func record(_ value: Double) {
    let value = value.isFinite && value > 0 ? value : 0
    let index = bucketIndex(of: value)
    state.withLock {
      $0.buckets[index] += 1
      $0.count += 1
      $0.sum += value
    }
  }

  /// Counts a duration in seconds.
  package func record(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    record(Double(seconds) + Double(attoseconds) * 1e-18)
  }

  /// Buckets hold their upper bound, as Prometheus' `le` wants it: the number just below decides.
  private func bucketIndex(of value: Double) -> Int {
    let inside = value.nextDown
    guard inside > 0, Int(inside.exponent) >= range.lowestExponent else { return 0 }
    guard Int(inside.exponent) < range.highestExponent else { return state.withLock { $0.buckets.count - 1 } }
    let part = Int((inside.significand - 1) * Double(Histogram.partsPerPower))
    return 1 + (Int(inside.exponent) - range.lowestExponent) * Histogram.partsPerPower + part
  }

  func snapshot() -> Snapshot { state.withLock { $0 } }

  /// How many values were counted.
  package var count: Int { state.withLock { $0.count } }

  /// The value below which the given part (0...1) of the values lies; nil where there are none. The middle of its bucket.
  package func quantile(_ part: Double) -> Double? {
    let snapshot = snapshot()
    guard snapshot.count > 0 else { return nil }
    let rank = max(1, Int((part * Double(snapshot.count)).rounded(.up)))
    var seen = 0
    for (index, count) in snapshot.buckets.enumerated() {
      seen += count
      if seen >= rank { return middle(of: index) }
    }
    return nil
  }

  private func middle(of index: Int) -> Double {
    let lowest = Double(sign: .plus, exponent: range.lowestExponent, significand: 1)
    guard index > 0 else { return lowest }
    let (power, part) = (index - 1).quotientAndRemainder(dividingBy: Histogram.partsPerPower)
    let exponent = range.lowestExponent + power
    guard exponent < range.highestExponent else {
      return Double(sign: .plus, exponent: range.highestExponent, significand: 1)
    }
    let significand = 1 + (Double(part) + 0.5) / Double(Histogram.partsPerPower)
    return Double(sign: .plus, exponent: exponent, significand: significand)
  }
}
