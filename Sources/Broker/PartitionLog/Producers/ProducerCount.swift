internal import Synchronization

/// How many producers all partitions know, each partition's own counted. One for all of a broker: a partition forgets its own
/// longest-silent ones where they are too many together.
package final class ProducerCount: Sendable {
  private let limit: Int
  private let count = Atomic<Int>(0)

  /// Counts from 0 on.
  package init(limit: Int = LogLimits.producers) { self.limit = limit }

  /// Producers known now, over all partitions.
  package var value: Int { count.load(ordering: .relaxed) }

  /// Whether a new one has to take another one's place.
  var isFull: Bool { value >= limit }
  /// How many are known beyond the limit.
  var excess: Int { max(0, value - limit) }

  /// A partition knows more than before, or fewer.
  func change(from before: Int, to after: Int) { count.add(after - before, ordering: .relaxed) }
}
