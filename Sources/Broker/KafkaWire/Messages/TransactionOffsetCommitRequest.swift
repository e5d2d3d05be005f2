/// Keeps how far a group has read, once a transaction is committed.
package struct TransactionOffsetCommitRequest: WireRequest {
  package typealias Response = TransactionOffsetCommitResponse
  package static let key = APIKey.transactionOffsetCommit

  /// The name that a transactional producer keeps over restarts.
  package var transactionalID: String = ""
  /// The group.
  package var groupID: String = ""
  /// The producer.
  package var producerID: Int64 = 0
  /// The producer's epoch.
  package var producerEpoch: Int16 = 0
  /// The generation of the group that the member knows; −1 is a client without one.
  package var generationID: Int32 = -1
  /// The member, by the name that the coordinator gave it.
  package var memberID: String = ""
  /// The name that a static member keeps over restarts.
  package var groupInstanceID: String?
  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalID)
    try coder.field(&groupID)
    try coder.field(&producerID)
    try coder.field(&producerEpoch)
    try coder.field(&generationID, since: 3)
    try coder.field(&memberID, since: 3)
    try coder.field(&groupInstanceID, since: 3)
    try coder.field(&topics)
    try coder.tags()
  }

  /// What to keep of one topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitions: [Partition] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitions)
      try coder.tags()
    }
  }

  /// What to keep of one partition.
  package struct Partition: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// The first offset that is not read yet.
    package var committedOffset: Int64 = 0
    /// The epoch of the last record that is read; −1 is none.
    package var committedLeaderEpoch: Int32 = -1
    /// The client's note.
    package var committedMetadata: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&committedOffset)
      try coder.field(&committedLeaderEpoch, since: 2)
      try coder.field(&committedMetadata)
      try coder.tags()
    }
  }
}
