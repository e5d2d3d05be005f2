/// Ends a transaction.
package struct EndTransactionRequest: WireRequest {
  package typealias Response = EndTransactionResponse
  package static let key = APIKey.endTransaction

  /// The name that a transactional producer keeps over restarts.
  package var transactionalID: String = ""
  /// The producer.
  package var producerID: Int64 = 0
  /// The producer's epoch.
  package var producerEpoch: Int16 = 0
  /// Whether its records count.
  package var committed: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalID)
    try coder.field(&producerID)
    try coder.field(&producerEpoch)
    try coder.field(&committed)
    try coder.tags()
  }
}
