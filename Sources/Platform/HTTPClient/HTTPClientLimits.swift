/// The bounds of requests and answers.
package enum HTTPClientLimits {
  /// Bytes of an answer's header fields, all together.
  package static let responseHeadBytes = 64 << 10
  /// Connections kept open for reuse, all hosts together; the oldest idle one is closed beyond.
  package static let keptConnections = 32
  /// How long a connection may take to be made, where the request's own timeout is not shorter.
  package static let connectTime: Duration = .seconds(10)
}
