package import LogRecords

/// What a group consumer tells its owner. Every call comes on the consumer's loop.
package protocol GroupConsumerHandler: AnyObject {
  /// Partitions are this member's now. Nothing is delivered before ``GroupConsumer/start(_:at:)``.
  func consumer(_ consumer: GroupConsumer, assigned partitions: [AssignedPartition])
  /// Partitions have to be given up. Nothing of them is delivered any more; finish what runs, commit, then call `done`
  /// (again is harmless). After the revocation deadline they are given up without it.
  func consumer(_ consumer: GroupConsumer, revoked partitions: [TopicPartition], done: @escaping () -> Void)
  /// Partitions are gone already: others may own them. Nothing can be committed for them.
  func consumer(_ consumer: GroupConsumer, lost partitions: [TopicPartition])
  /// Records of one partition, in order.
  func consumer(_ consumer: GroupConsumer, received records: [ConsumedRecord], from partition: TopicPartition)
  /// Something went wrong. Unless the error is fatal the consumer goes on by itself.
  func consumer(_ consumer: GroupConsumer, failed error: EventLogError)
}

/// A partition that a member was given.
package struct AssignedPartition: Sendable, Equatable {
  /// The partition.
  package let partition: TopicPartition
  /// The offset of the next record to read as the group has committed it, or nil where it never has.
  package let committedOffset: Int64?
  /// The text committed beside the offset.
  package let committedMetadata: String?

  /// A partition and what was committed for it.
  package init(partition: TopicPartition, committedOffset: Int64?, committedMetadata: String?) {
    self.partition = partition
    self.committedOffset = committedOffset
    self.committedMetadata = committedMetadata
  }
}
