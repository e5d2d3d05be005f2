/// The offsets of times.
package struct ListOffsetsResponse: WireMessage {
  package static let key = APIKey.listOffsets

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var topics: [TopicResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 2)
    try coder.field(&topics)
    try coder.tags()
  }

  /// What was found in one topic.
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

  /// What was found in one partition.
  package struct PartitionResponse: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The time of the record; −1 where none was looked at.
    package var timestamp: Int64 = -1
    /// The offset; −1 where there is none.
    package var offset: Int64 = -1
    /// The epoch of the partition's leader.
    package var leaderEpoch: Int32 = -1

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&errorCode)
      try coder.field(&timestamp)
      try coder.field(&offset)
      try coder.field(&leaderEpoch, since: 4)
      try coder.tags()
    }
  }
}
