/// One step of the broker's side of authentication.
package struct SASLAuthenticateResponse: WireMessage {
  package static let key = APIKey.saslAuthenticate

  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// What went wrong, in words.
  package var errorMessage: String?
  /// What the chosen way has to say.
  package var authBytes: ArraySlice<UInt8> = []
  /// How long the client may go on before it authenticates again; 0 is for ever.
  package var sessionLifetimeMilliseconds: Int64 = 0

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&errorCode)
    try coder.field(&errorMessage)
    try coder.field(&authBytes)
    try coder.field(&sessionLifetimeMilliseconds, since: 1)
    try coder.tags()
  }
}
