/// Asks for record batches of partitions, from offsets on.
package struct FetchRequest: WireRequest {
  package typealias Response = FetchResponse
  package static let key = APIKey.fetch

  /// The replica that asks; −1 is a client.
  package var replicaID: Int32 = -1
  /// How long to wait for `minBytes`.
  package var maxWaitMilliseconds: Int32 = 0
  /// How many bytes to wait for.
  package var minBytes: Int32 = 0
  /// How many bytes to answer at most; the first batch comes whole all the same.
  package var maxBytes: Int32 = .max
  /// 0 reads what is durable, 1 only what no open transaction has touched.
  package var isolationLevel: Int8 = 0
  /// The fetch session; 0 is none.
  package var sessionID: Int32 = 0
  /// The place in the session; −1 is none.
  package var sessionEpoch: Int32 = -1
  /// What to read.
  package var topics: [Topic] = []
  /// What to take out of the session.
  package var forgottenTopicsData: [ForgottenTopic] = []
  /// Where the client stands.
  package var rackID: String = ""

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&replicaID)
    try coder.field(&maxWaitMilliseconds)
    try coder.field(&minBytes)
    try coder.field(&maxBytes)
    try coder.field(&isolationLevel)
    try coder.field(&sessionID, since: 7)
    try coder.field(&sessionEpoch, since: 7)
    try coder.field(&topics)
    try coder.field(&forgottenTopicsData, since: 7)
    try coder.field(&rackID, since: 11)
    try coder.tags()
  }

  /// What to read of one topic.
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

  /// What to read of one partition.
  package struct Partition: WireStructure {
    /// The partition.
    package var partition: Int32 = 0
    /// The epoch of the leader that the client knows; −1 is none.
    package var currentLeaderEpoch: Int32 = -1
    /// The first offset that is wanted.
    package var fetchOffset: Int64 = 0
    /// The epoch of the last record that the client has; −1 is none.
    package var lastFetchedEpoch: Int32 = -1
    /// The first offset that a replica has.
    package var logStartOffset: Int64 = -1
    /// How many bytes to answer for this partition at most.
    package var partitionMaxBytes: Int32 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partition)
      try coder.field(&currentLeaderEpoch, since: 9)
      try coder.field(&fetchOffset)
      try coder.field(&lastFetchedEpoch, since: 12)
      try coder.field(&logStartOffset, since: 5)
      try coder.field(&partitionMaxBytes)
      try coder.tags()
    }
  }

  /// What to take out of the session, of one topic.
  package struct ForgottenTopic: WireStructure {
    /// The topic.
    package var topic: String = ""
    /// Its partitions.
    package var partitions: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&topic)
      try coder.field(&partitions)
      try coder.tags()
    }
  }
}
