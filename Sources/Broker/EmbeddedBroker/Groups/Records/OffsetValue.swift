internal import KafkaWire

/// A committed offset as the coordinator's log keeps it: version 3 of Kafka's `OffsetCommitValue`; older ones are read.
struct OffsetValue: VersionedRecord {
  static let version: Int16 = 3

  var offset: Int64 = 0
  var leaderEpoch: Int32 = -1
  var metadata = ""
  var commitTimestamp: Int64 = 0
  var expireTimestamp: Int64 = -1

  init() {}

  init(_ offset: CommittedOffset) {
    self.offset = offset.offset
    leaderEpoch = offset.leaderEpoch
    metadata = offset.metadata
    commitTimestamp = offset.committedMilliseconds
  }

  mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&offset)
    try coder.field(&leaderEpoch, since: 3)
    try coder.field(&metadata)
    try coder.field(&commitTimestamp)
    try coder.field(&expireTimestamp, since: 1, until: 1)
  }

  var committed: CommittedOffset {
    CommittedOffset(
      offset: offset, leaderEpoch: leaderEpoch, metadata: metadata, committedMilliseconds: commitTimestamp)
  }
}
