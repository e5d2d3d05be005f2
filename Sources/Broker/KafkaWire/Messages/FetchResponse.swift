/// Record batches of partitions.
package struct FetchResponse: WireMessage {
  package static let key = APIKey.fetch

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The fetch session; 0 is none.
  package var sessionID: Int32 = 0
  /// The topics.
  package var responses: [TopicResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&errorCode, since: 7)
    try coder.field(&sessionID, since: 7)
    try coder.field(&responses)
    try coder.tags()
  }

  /// What was read of one topic.
  package struct TopicResponse: WireStructure {
    /// The topic.
    package var topic: String = ""
    /// Its partitions.
    package var partitions: [PartitionData] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&topic)
      try coder.field(&partitions)
      try coder.tags()
    }
  }

  /// What was read of one partition.
  package struct PartitionData: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The offset that readers may go up to.
    package var highWatermark: Int64 = -1
    /// The offset that readers of committed records may go up to.
    package var lastStableOffset: Int64 = -1
    /// The first offset that the partition still has.
    package var logStartOffset: Int64 = -1
    /// The transactions whose records here are void; nil for readers of everything.
    package var abortedTransactions: [AbortedTransaction]?
    /// The replica to read from; −1 is this one.
    package var preferredReadReplica: Int32 = -1
    /// The record batches.
    package var records: ArraySlice<UInt8>?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&errorCode)
      try coder.field(&highWatermark)
      try coder.field(&lastStableOffset)
      try coder.field(&logStartOffset, since: 5)
      try coder.field(&abortedTransactions)
      try coder.field(&preferredReadReplica, since: 11)
      try coder.field(&records)
      try coder.tags()
    }
  }

  /// A transaction whose records are void.
  package struct AbortedTransaction: WireStructure {
    /// The producer.
    package var producerID: Int64 = 0
    /// Its first record in the partition.
    package var firstOffset: Int64 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&producerID)
      try coder.field(&firstOffset)
      try coder.tags()
    }
  }
}
