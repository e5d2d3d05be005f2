/// What the member is given.
package struct SyncGroupResponse: WireMessage {
  package static let key = APIKey.syncGroup

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// What kind of group it is.
  package var protocolType: String?
  /// The way to share out.
  package var protocolName: String?
  /// What it is given, in the words of the way to share out.
  package var assignment: ArraySlice<UInt8> = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.field(&errorCode)
    try coder.field(&protocolType, since: 5)
    try coder.field(&protocolName, since: 5)
    try coder.field(&assignment)
    try coder.tags()
  }
}
