/// Bounds of groups.
enum GroupLimits {
  /// Groups of the broker; one more is refused, retriably.
  static let groups = 10_000
  /// Members of a group, those counted that were only given an id.
  static let members = 5_000
  /// The time a member may be silent: what a member may ask for (`group.min.session.timeout.ms`, `group.max.session.timeout.ms`).
  static let sessionTimeouts: ClosedRange<Int32> = 6_000...1_800_000
  /// How long a group may wait for its members, whatever they say.
  static let rebalanceTimeoutMilliseconds: Int32 = 1_800_000
  /// Bytes of the note beside an offset (`offset.metadata.max.bytes`).
  static let offsetMetadataBytes = 4_096
  /// What a group committed is forgotten so long after it became empty (`offsets.retention.minutes`).
  static let offsetRetentionMilliseconds: Int64 = 604_800_000
  /// Between two looks for offsets to forget.
  static let expiryIntervalMilliseconds: Int64 = 600_000
  /// The log is folded when it has so many records more than there is state.
  static let foldedRecords: Int64 = 100_000
  /// Bytes of one batch of records.
  static let batchBytes = 512 << 10
}
