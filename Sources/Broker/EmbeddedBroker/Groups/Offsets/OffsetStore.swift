internal import KafkaWire

/// How far each group has come. Pure.
///
/// A change is known twice: when it is appended to the log, which is its place among all changes, and when it is durable. Only
/// then may it be seen: an offset that somebody has read must not go back, whatever happens to the machine.
struct OffsetStore: Sendable {
  /// A place among the changes.
  struct Place: Comparable, Sendable {
    fileprivate let number: UInt64
    static func < (left: Place, right: Place) -> Bool { left.number < right.number }
  }

  /// A partition and its new offset; nil takes the offset out.
  struct Change: Sendable, Equatable {
    var partition: PartitionName
    var offset: CommittedOffset?
  }

  private struct Entry {
    /// What is durable.
    var durable: CommittedOffset?
    /// The latest that is appended and not durable yet.
    var appended: (place: Place, offset: CommittedOffset?)?

    /// What stands when everything is durable.
    var latest: CommittedOffset? { appended.map(\.offset) ?? durable }
  }

  private var groups: [String: [PartitionName: Entry]] = [:]
  private var lastPlace: UInt64 = 0
  /// Offsets of all groups, those included that are being taken out.
  private(set) var count = 0

  init() {}

  // MARK: changing

  /// Whether an offset may be committed with such a note.
  static func verdict(onMetadata metadata: String) -> ErrorCode {
    metadata.utf8.count <= GroupLimits.offsetMetadataBytes ? .none : .offsetMetadataTooLarge
  }

  /// Whether there is room for that many more.
  func hasRoom(for more: Int) -> Bool { count + more <= GroupLimits.offsets }

  /// The changes have been appended, after all others so far.
  mutating func appended(_ changes: [Change], of group: String) -> Place {
    lastPlace += 1
    let place = Place(number: lastPlace)
    var entries = take(group)
    for change in changes { entries[change.partition, default: Entry()].appended = (place, change.offset) }
    put(entries, group)
    return place
  }

  /// The changes are durable.
  mutating func settled(_ changes: [Change], of group: String, at place: Place) {
    var entries = take(group)
    for change in changes {
      guard var entry = entries[change.partition] else { continue }
      entry.durable = change.offset
      if entry.appended?.place == place { entry.appended = nil }
      entries[change.partition] = entry.durable == nil && entry.appended == nil ? nil : entry
    }
    put(entries, group)
  }

  /// The change stands in the log that is read back.
  mutating func replayed(_ change: Change, of group: String) {
    var entries = take(group)
    entries[change.partition] = change.offset.map { Entry(durable: $0) }
    put(entries, group)
  }

  /// Takes the group's entries out, so that they are changed where they are.
  private mutating func take(_ group: String) -> [PartitionName: Entry] {
    let entries = groups.removeValue(forKey: group) ?? [:]
    count -= entries.count
    return entries
  }

  private mutating func put(_ entries: [PartitionName: Entry], _ group: String) {
    count += entries.count
    if !entries.isEmpty { groups[group] = entries }
  }

  // MARK: looking

  /// The durable offset of a partition.
  func offset(of group: String, _ partition: PartitionName) -> CommittedOffset? { groups[group]?[partition]?.durable }

  /// Every durable offset, by topic and partition.
  func offsets(of group: String) -> [(partition: PartitionName, offset: CommittedOffset)] {
    sorted(group) { $0.durable }
  }

  /// Every offset as it stands once all is durable.
  func latest(of group: String) -> [(partition: PartitionName, offset: CommittedOffset)] { sorted(group) { $0.latest } }

  private func sorted(
    _ group: String, _ value: (Entry) -> CommittedOffset?
  ) -> [(partition: PartitionName, offset: CommittedOffset)] {
    (groups[group] ?? [:])
      .compactMap { partition, entry in value(entry).map { (partition: partition, offset: $0) } }
      .sorted { ($0.partition.topic, $0.partition.index) < ($1.partition.topic, $1.partition.index) }
  }

  /// Whether the group has an offset, or a change of one under way.
  func hasAny(of group: String) -> Bool { groups[group] != nil }

  /// The groups that have offsets, or changes of them under way.
  var groupIDs: [String] { groups.keys.sorted() }

  // MARK: what goes

  /// What takes the offsets out that a group has of partitions.
  func removal(of group: String, where isGone: (PartitionName) -> Bool) -> [Change] {
    latest(of: group).filter { isGone($0.partition) }.map { Change(partition: $0.partition, offset: nil) }
  }

  /// What takes the offsets out that are too old, of a group that nobody is in.
  ///
  /// - Parameter empty: since when nobody is, in milliseconds since 1970; nil where nobody ever was.
  func expiry(of group: String, emptySince empty: Int64?, now: Int64) -> [Change] {
    latest(of: group)
      .filter { now - max($0.offset.committedMilliseconds, empty ?? .min) >= GroupLimits.offsetRetentionMilliseconds }
      .map { Change(partition: $0.partition, offset: nil) }
  }
}
