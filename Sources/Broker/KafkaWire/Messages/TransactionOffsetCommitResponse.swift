/// Which offsets the transaction keeps.
package struct TransactionOffsetCommitResponse: WireMessage {
  package static let key = APIKey.transactionOffsetCommit

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var topics: [TopicResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&topics)
    try coder.tags()
  }

  /// The answer for one topic.
  package struct TopicResponse: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitions: [PartitionResponse] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitions)
      try coder.tags()
    }
  }

  /// The answer for one partition.
  package struct PartitionResponse: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&errorCode)
      try coder.tags()
    }
  }
}
