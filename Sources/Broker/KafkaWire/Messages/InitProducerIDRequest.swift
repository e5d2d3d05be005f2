/// Asks for a producer's identity, so that its retries are recognised.
package struct InitProducerIDRequest: WireRequest {
  package typealias Response = InitProducerIDResponse
  package static let key = APIKey.initProducerID

  /// The name that a transactional producer keeps over restarts.
  package var transactionalID: String?
  /// How long a transaction may stay open.
  package var transactionTimeoutMilliseconds: Int32 = 0
  /// The producer that the client was; −1 is none.
  package var producerID: Int64 = -1
  /// The epoch that the client had; −1 is none.
  package var producerEpoch: Int16 = -1

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalID)
    try coder.field(&transactionTimeoutMilliseconds)
    try coder.field(&producerID, since: 3)
    try coder.field(&producerEpoch, since: 3)
    try coder.tags()
  }
}
