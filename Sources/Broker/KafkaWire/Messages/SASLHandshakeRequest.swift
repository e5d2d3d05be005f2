/// Chooses how to authenticate.
package struct SASLHandshakeRequest: WireRequest {
  package typealias Response = SASLHandshakeResponse
  package static let key = APIKey.saslHandshake

  /// The way, by its registered name.
  package var mechanism: String = ""

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&mechanism)
    try coder.tags()
  }
}
