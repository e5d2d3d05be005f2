/// The state of transactions.
package struct DescribeTransactionsResponse: WireMessage {
  package static let key = APIKey.describeTransactions

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The transactions.
  package var transactionStates: [TransactionState] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&transactionStates)
    try coder.tags()
  }

  /// One transaction.
  package struct TransactionState: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The name that a transactional producer keeps over restarts.
    package var transactionalID: String = ""
    /// Its state, by Kafka's name.
    package var transactionState: String = ""
    /// How long it may stay open.
    package var transactionTimeoutMilliseconds: Int32 = 0
    /// When it was opened, since 1970.
    package var transactionStartTimeMilliseconds: Int64 = 0
    /// The producer.
    package var producerID: Int64 = 0
    /// The producer's epoch.
    package var producerEpoch: Int16 = 0
    /// What it has written to.
    package var topics: [Topic] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&transactionalID)
      try coder.field(&transactionState)
      try coder.field(&transactionTimeoutMilliseconds)
      try coder.field(&transactionStartTimeMilliseconds)
      try coder.field(&producerID)
      try coder.field(&producerEpoch)
      try coder.field(&topics)
      try coder.tags()
    }
  }

  /// One topic.
  package struct Topic: WireStructure {
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
