/// A producer's identity.
package struct InitProducerIDResponse: WireMessage {
  package static let key = APIKey.initProducerID

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The producer.
  package var producerID: Int64 = -1
  /// The producer's epoch.
  package var producerEpoch: Int16 = 0

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&errorCode)
    try coder.field(&producerID)
    try coder.field(&producerEpoch)
    try coder.tags()
  }
}
