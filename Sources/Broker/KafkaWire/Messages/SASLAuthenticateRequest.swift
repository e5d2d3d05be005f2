/// One step of the client's side of authentication.
package struct SASLAuthenticateRequest: WireRequest {
  package typealias Response = SASLAuthenticateResponse
  package static let key = APIKey.saslAuthenticate

  /// What the chosen way has to say.
  package var authBytes: ArraySlice<UInt8> = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&authBytes)
    try coder.tags()
  }
}
