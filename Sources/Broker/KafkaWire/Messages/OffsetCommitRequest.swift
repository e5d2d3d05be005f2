/// Keeps how far a group has read.
package struct OffsetCommitRequest: WireRequest {
  package typealias Response = OffsetCommitResponse
  package static let key = APIKey.offsetCommit

  /// The group.
  package var groupID: String = ""
  /// The generation of the group that the member knows; −1 is a client without one.
  package var generationID: Int32 = -1
  /// The member, by the name that the coordinator gave it.
  package var memberID: String = ""
  /// The name that a static member keeps over restarts.
  package var groupInstanceID: String?
  /// How long to keep the offsets; −1 leaves it to the broker.
  package var retentionTimeMilliseconds: Int64 = -1
  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID)
    try coder.field(&generationID)
    try coder.field(&memberID)
    try coder.field(&groupInstanceID, since: 7)
    try coder.field(&retentionTimeMilliseconds, until: 4)
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
      try coder.field(&committedLeaderEpoch, since: 6)
      try coder.field(&committedMetadata)
      try coder.tags()
    }
  }
}
