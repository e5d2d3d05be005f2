/// Whether the way to authenticate is taken.
package struct SASLHandshakeResponse: WireMessage {
  package static let key = APIKey.saslHandshake

  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The ways that the broker knows.
  package var mechanisms: [String] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&errorCode)
    try coder.field(&mechanisms)
    try coder.tags()
  }
}
