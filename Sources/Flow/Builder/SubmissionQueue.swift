internal import LogRecords

/// Submissions taken from the log and not yet come to something: which is built next, and up to where a partition may be
/// committed. Pure.
///
/// Those of one function (one key) are built one after the other, in their order, for the last must be the newest version;
/// those of others beside them. A partition is committed up to its first submission that has not come to something.
struct SubmissionQueue {
  /// A submission under way.
  struct Turn: Equatable {
    let record: ConsumedRecord
    /// How often the partition had come to this builder.
    fileprivate let assignment: Int
  }

  private struct Partition {
    var assignment = 0
    /// Offsets taken that have not come to something, ascending: also those that were forgotten, for they hold the commit.
    var open: [Int64] = []
    /// The offset behind the last one taken.
    var end: Int64 = 0
  }

  private var waiting: [ConsumedRecord] = []
  private(set) var underWay: [Turn] = []
  private var partitions: [TopicPartition: Partition] = [:]
  private let limit: Int
  private let together: Int

  /// A queue that is full with `limit` submissions waiting, and has at most `together` under way.
  init(limit: Int, together: Int) {
    self.limit = limit
    self.together = together
  }

  /// Whether no more should be taken; nor until ``isRoomy``.
  var isFull: Bool { waiting.count >= limit }
  /// Whether a paused partition may go on.
  var isRoomy: Bool { waiting.count <= limit / 2 }

  /// The partition has come to this builder: what it held of it before is another's concern, or will be read again.
  mutating func assign(_ partition: TopicPartition) {
    partitions[partition] = Partition(assignment: (partitions[partition]?.assignment ?? 0) + 1)
  }

  mutating func add(_ records: [ConsumedRecord]) {
    waiting += records
    for position in records.map(\.position) {
      partitions[position.partition, default: Partition()].open.append(position.offset)
      partitions[position.partition]?.end = position.offset + 1
    }
  }

  /// The next submission, which is then under way; nil where enough are, or each that waits must wait for one that is.
  mutating func next() -> Turn? {
    guard underWay.count < together else { return nil }
    // A key that is skipped is in the set, so that a later submission of it is not taken before it.
    var taken = Set(underWay.map(\.record.key))
    guard let index = waiting.firstIndex(where: { taken.insert($0.key).inserted }) else { return nil }
    let record = waiting.remove(at: index)
    let turn = Turn(record: record, assignment: partitions[record.position.partition]?.assignment ?? 0)
    underWay.append(turn)
    return turn
  }

  /// A submission has come to something: the offset that its partition may be committed at, nil where that has not moved.
  mutating func finish(_ turn: Turn) -> Int64? {
    leave(turn)
    let (name, offset) = (turn.record.position.partition, turn.record.position.offset)
    guard var partition = partitions[name], partition.assignment == turn.assignment,
      let index = partition.open.firstIndex(of: offset)
    else { return nil }
    partition.open.remove(at: index)
    partitions[name] = partition
    guard index == 0 else { return nil }
    return partition.open.first ?? partition.end
  }

  /// A submission was given up: the next builder begins with it.
  mutating func leave(_ turn: Turn) { underWay.removeAll { $0 == turn } }

  /// Forgets what waits of partitions that are others' now; answers whether any under way is of them.
  mutating func forget(_ partitions: [TopicPartition]) -> Bool {
    waiting.removeAll { partitions.contains($0.position.partition) }
    return isUnderWay(partitions)
  }

  /// Whether any submission of the partitions is under way.
  func isUnderWay(_ partitions: [TopicPartition]) -> Bool {
    underWay.contains { partitions.contains($0.record.position.partition) }
  }
}
