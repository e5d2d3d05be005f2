/// How far groups have read.
package struct OffsetFetchResponse: WireMessage {
  package static let key = APIKey.offsetFetch

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var topics: [TopicResponse] = []
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The groups.
  package var groups: [GroupResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 3)
    try coder.field(&topics, until: 7)
    try coder.field(&errorCode, since: 2, until: 7)
    try coder.field(&groups, since: 8)
    try coder.tags()
  }

  /// What is kept of one topic.
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

  /// What is kept of one partition.
  package struct PartitionResponse: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// The first offset that is not read yet; −1 where none is kept.
    package var committedOffset: Int64 = -1
    /// The epoch of the last record that is read; −1 is none.
    package var committedLeaderEpoch: Int32 = -1
    /// The client's note.
    package var metadata: String? = ""
    /// What went wrong.
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&committedOffset)
      try coder.field(&committedLeaderEpoch, since: 5)
      try coder.field(&metadata)
      try coder.field(&errorCode)
      try coder.tags()
    }
  }

  /// What is kept of one group.
  package struct GroupResponse: WireStructure {
    /// The group.
    package var groupID: String = ""
    /// The topics.
    package var topics: [TopicResponse] = []
    /// What went wrong.
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&groupID)
      try coder.field(&topics)
      try coder.field(&errorCode)
      try coder.tags()
    }
  }
}
