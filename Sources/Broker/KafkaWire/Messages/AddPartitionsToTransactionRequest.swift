/// Says that a transaction will write to partitions.
package struct AddPartitionsToTransactionRequest: WireRequest {
  package typealias Response = AddPartitionsToTransactionResponse
  package static let key = APIKey.addPartitionsToTransaction

  /// The name that a transactional producer keeps over restarts.
  package var transactionalID: String = ""
  /// The producer.
  package var producerID: Int64 = 0
  /// The producer's epoch.
  package var producerEpoch: Int16 = 0
  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalID)
    try coder.field(&producerID)
    try coder.field(&producerEpoch)
    try coder.field(&topics)
    try coder.tags()
  }

  /// One topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitions: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitions)
      try coder.tags()
    }
  }
}
