/// What groups have committed. Pure.
struct OffsetStore: Equatable, Sendable {
  private(set) var groups: [String: [PartitionName: CommittedOffset]] = [:]

  /// Offsets of all groups.
  var count: Int { groups.values.reduce(0) { $0 + $1.count } }

  func offset(_ group: String, _ partition: PartitionName) -> CommittedOffset? { groups[group]?[partition] }

  mutating func put(_ committed: CommittedOffset, _ group: String, _ partition: PartitionName) {
    groups[group, default: [:]][partition] = committed
  }

  mutating func remove(_ group: String, _ partition: PartitionName) {
    groups[group]?[partition] = nil
    if groups[group]?.isEmpty == true { groups[group] = nil }
  }

  /// Everything of a group.
  func partitions(of group: String) -> [PartitionName] { groups[group].map { Array($0.keys) } ?? [] }

  /// Every topic in which something was committed.
  var topics: Set<String> { Set(groups.values.flatMap { $0.keys.map(\.topic) }) }

  /// Everything of a topic, by group.
  func partitions(ofTopic topic: String) -> [(group: String, partition: PartitionName)] {
    groups.flatMap { group, offsets in
      offsets.keys.filter { $0.topic == topic }.map { (group: group, partition: $0) }
    }
  }
}
