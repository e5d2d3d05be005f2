/// Which partitions are in the transaction.
package struct AddPartitionsToTransactionResponse: WireMessage {
  package static let key = APIKey.addPartitionsToTransaction

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var results: [TopicResult] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&results)
    try coder.tags()
  }

  /// The answer for one topic.
  package struct TopicResult: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var results: [PartitionResult] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&results)
      try coder.tags()
    }
  }

  /// The answer for one partition.
  package struct PartitionResult: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&errorCode)
      try coder.tags()
    }
  }
}
