/// Where the epochs of leaders ended.
package struct OffsetForLeaderEpochResponse: WireMessage {
  package static let key = APIKey.offsetForLeaderEpoch

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
    package var topic: String = ""
    /// Its partitions.
    package var partitions: [EpochEndOffset] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&topic)
      try coder.field(&partitions)
      try coder.tags()
    }
  }

  /// The answer for one partition.
  package struct EpochEndOffset: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The partition.
    package var partition: Int32 = 0
    /// The epoch that ended there.
    package var leaderEpoch: Int32 = -1
    /// The offset behind its last record.
    package var endOffset: Int64 = -1

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&partition)
      try coder.field(&leaderEpoch)
      try coder.field(&endOffset)
      try coder.tags()
    }
  }
}
