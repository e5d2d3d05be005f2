/// Asks for the offsets of times.
package struct ListOffsetsRequest: WireRequest {
  package typealias Response = ListOffsetsResponse
  package static let key = APIKey.listOffsets

  /// The replica that asks; −1 is a client.
  package var replicaID: Int32 = -1
  /// 0 counts what is durable, 1 only what no open transaction has touched.
  package var isolationLevel: Int8 = 0
  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&replicaID)
    try coder.field(&isolationLevel, since: 2)
    try coder.field(&topics)
    try coder.tags()
  }

  /// What to look up in one topic.
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

  /// What to look up in one partition.
  package struct Partition: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// The epoch of the leader that the client knows; −1 is none.
    package var currentLeaderEpoch: Int32 = -1
    /// Milliseconds since 1970, or −1 the end, −2 the start, −3 the record of the latest time.
    package var timestamp: Int64 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&currentLeaderEpoch, since: 4)
      try coder.field(&timestamp)
      try coder.tags()
    }
  }
}
