/// Where the records of each partition went.
package struct ProduceResponse: WireMessage {
  package static let key = APIKey.produce

  /// The topics.
  package var responses: [TopicResponse] = []
  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&responses)
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.tags()
  }

  /// The answer for one topic.
  package struct TopicResponse: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitionResponses: [PartitionResponse] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitionResponses)
      try coder.tags()
    }
  }

  /// The answer for one partition.
  package struct PartitionResponse: WireStructure {
    /// The partition.
    package var index: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The offset of the first record; −1 where there was an error.
    package var baseOffset: Int64 = -1
    /// When the broker says that they were appended; −1 where the records tell their time themselves.
    package var logAppendTimeMilliseconds: Int64 = -1
    /// The first offset that the partition still has.
    package var logStartOffset: Int64 = -1
    /// The records that made the batch be refused.
    package var recordErrors: [BatchIndexAndErrorMessage] = []
    /// What went wrong, in words.
    package var errorMessage: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&index)
      try coder.field(&errorCode)
      try coder.field(&baseOffset)
      try coder.field(&logAppendTimeMilliseconds, since: 2)
      try coder.field(&logStartOffset, since: 5)
      try coder.field(&recordErrors, since: 8)
      try coder.field(&errorMessage, since: 8)
      try coder.tags()
    }
  }

  /// Why one record was refused.
  package struct BatchIndexAndErrorMessage: WireStructure {
    /// Its place in the batch.
    package var batchIndex: Int32 = 0
    /// What is wrong with it.
    package var batchIndexErrorMessage: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&batchIndex)
      try coder.field(&batchIndexErrorMessage)
      try coder.tags()
    }
  }
}
