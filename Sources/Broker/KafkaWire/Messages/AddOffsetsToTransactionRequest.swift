/// Says that a transaction will commit a group's offsets.
package struct AddOffsetsToTransactionRequest: WireRequest {
  package typealias Response = AddOffsetsToTransactionResponse
  package static let key = APIKey.addOffsetsToTransaction

  /// The name that a transactional producer keeps over restarts.
  package var transactionalID: String = ""
  /// The producer.
  package var producerID: Int64 = 0
  /// The producer's epoch.
  package var producerEpoch: Int16 = 0
  /// The group.
  package var groupID: String = ""

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalID)
    try coder.field(&producerID)
    try coder.field(&producerEpoch)
    try coder.field(&groupID)
    try coder.tags()
  }
}
