/// Which transactions there are.
package struct ListTransactionsResponse: WireMessage {
  package static let key = APIKey.listTransactions

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The names that are none of a state.
  package var unknownStateFilters: [String] = []
  /// The transactions.
  package var transactionStates: [TransactionState] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&errorCode)
    try coder.field(&unknownStateFilters)
    try coder.field(&transactionStates)
    try coder.tags()
  }

  /// One transaction.
  package struct TransactionState: WireStructure {
    /// The name that a transactional producer keeps over restarts.
    package var transactionalID: String = ""
    /// The producer.
    package var producerID: Int64 = 0
    /// Its state, by Kafka's name.
    package var transactionState: String = ""

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&transactionalID)
      try coder.field(&producerID)
      try coder.field(&transactionState)
      try coder.tags()
    }
  }
}
