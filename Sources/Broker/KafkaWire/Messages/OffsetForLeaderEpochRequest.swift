/// Asks where the epochs of leaders ended.
package struct OffsetForLeaderEpochRequest: WireRequest {
  package typealias Response = OffsetForLeaderEpochResponse
  package static let key = APIKey.offsetForLeaderEpoch

  /// The replica that asks; −1 is a client.
  package var replicaID: Int32 = -2
  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&replicaID, since: 3)
    try coder.field(&topics)
    try coder.tags()
  }

  /// What to look up in one topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var topic: String = ""
    /// Its partitions.
    package var partitions: [Partition] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&topic)
      try coder.field(&partitions)
      try coder.tags()
    }
  }

  /// What to look up in one partition.
  package struct Partition: WireStructure {
    /// The partition.
    package var partition: Int32 = 0
    /// The epoch of the leader that the client knows; −1 is none.
    package var currentLeaderEpoch: Int32 = -1
    /// The epoch whose end is wanted.
    package var leaderEpoch: Int32 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partition)
      try coder.field(&currentLeaderEpoch)
      try coder.field(&leaderEpoch)
      try coder.tags()
    }
  }
}
