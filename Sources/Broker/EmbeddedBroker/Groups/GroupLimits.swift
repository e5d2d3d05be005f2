/// Bounds of groups.
package enum GroupLimits {
  /// Groups of the broker; one more is refused with `policyViolation`.
  static let groups = 10_000
  /// Members of one group, those included that have been given a name and not come back with it; one more is refused with
  /// `groupMaxSizeReached`.
  package static let membersPerGroup = 2_000
  /// Members of all groups together; one more is refused with `groupMaxSizeReached`.
  static let members = 20_000
  /// Bytes that the members of all groups may have told; who would exceed it is refused with `policyViolation`.
  static let memberBytes = 64 << 20
  /// Committed offsets of all groups; one more is refused with `policyViolation`.
  static let offsets = 1_000_000
  /// Bytes of the note beside a committed offset; a longer one is refused with `offsetMetadataTooLarge`.
  package static let offsetMetadataBytes = 4_096
  /// How long a member may be silent (`group.min.session.timeout.ms`, `group.max.session.timeout.ms`).
  package static let sessionTimeoutMilliseconds: ClosedRange<Int32> = 6_000...1_800_000
  /// How long a new member stays in a group that waits for others, if its client is not heard of again: it cannot send
  /// heartbeats before it knows its own name.
  package static let newMemberJoinTime = Duration.seconds(300)
  /// How long the offsets of a group stay that has no members (`offsets.retention.minutes`).
  package static let offsetRetentionMilliseconds: Int64 = 7 * 24 * 3_600_000
  /// How often offsets that are too old are looked for (`offsets.retention.check.interval.ms`).
  static let expiryInterval = Duration.seconds(600)
  /// Bytes that the coordinator's log grows by before the whole state is written again and what stands before it forgotten:
  /// so many at least, and at least ``rewriteFactor`` times what the last rewrite took.
  package static let rewriteBytes = 16 << 20
  static let rewriteFactor = 4
  /// Bytes of a batch of a rewrite; a record that is larger stands in one of its own.
  static let rewriteBatchBytes = 256 << 10
  /// Offsets that are taken out in one batch: names of topics and groups are short, so it stays well below what a topic takes.
  static let removalsPerBatch = 1_000
}
