/// Which producers have written to partitions.
package struct DescribeProducersResponse: WireMessage {
  package static let key = APIKey.describeProducers

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

  /// The producers of one topic.
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

  /// The producers of one partition.
  package struct PartitionResponse: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?
    /// The producers.
    package var activeProducers: [ProducerState] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&errorCode)
      try coder.field(&errorMessage)
      try coder.field(&activeProducers)
      try coder.tags()
    }
  }

  /// What the partition knows of one producer.
  package struct ProducerState: WireStructure {
    /// The producer.
    package var producerID: Int64 = 0
    /// The producer's epoch.
    package var producerEpoch: Int32 = 0
    /// Its number of its last record.
    package var lastSequence: Int32 = -1
    /// The time of its last batch.
    package var lastTimestamp: Int64 = -1
    /// The epoch of the coordinator of its transactions.
    package var coordinatorEpoch: Int32 = 0
    /// Where its open transaction begins; −1 where there is none.
    package var currentTransactionStartOffset: Int64 = -1

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&producerID)
      try coder.field(&producerEpoch)
      try coder.field(&lastSequence)
      try coder.field(&lastTimestamp)
      try coder.field(&coordinatorEpoch)
      try coder.field(&currentTransactionStartOffset)
      try coder.tags()
    }
  }
}
