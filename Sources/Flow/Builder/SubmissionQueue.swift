internal import LogRecords

/// Submissions taken from the log and not built yet, and what has to be told when. Pure.
struct SubmissionQueue {
  private var waiting: [ConsumedRecord] = []
  private(set) var current: ConsumedRecord?
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Whether no more should be taken; nor until ``isRoomy``.
  var isFull: Bool { waiting.count >= limit }
  /// Whether a paused partition may go on.
  var isRoomy: Bool { waiting.count <= limit / 2 }

  mutating func add(_ records: [ConsumedRecord]) { waiting += records }

  /// The next submission, which is then the current one; nil where one is under way or none waits.
  mutating func next() -> ConsumedRecord? {
    guard current == nil, !waiting.isEmpty else { return nil }
    current = waiting.removeFirst()
    return current
  }

  /// The current one has come to something.
  mutating func finish() { current = nil }

  /// Forgets what waits of partitions that are others' now; answers whether the current one is of them.
  mutating func forget(_ partitions: [TopicPartition]) -> Bool {
    waiting.removeAll { partitions.contains($0.position.partition) }
    return current.map { partitions.contains($0.position.partition) } ?? false
  }
}
