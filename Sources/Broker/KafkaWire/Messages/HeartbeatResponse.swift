/// Whether the member is still in the group.
package struct HeartbeatResponse: WireMessage {
  package static let key = APIKey.heartbeat

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.field(&errorCode)
    try coder.tags()
  }
}
