/// The bounds of connections. Tests reach smaller ones.
package struct ConnectionLimits: Sendable {
  /// Connections of all clients together; further ones wait to be accepted.
  package var connections = 4_096
  /// Bytes of requests under way, over all connections: beyond it sockets are not read.
  package var requestsInFlightBytes = 256 << 20
  /// Bytes of fetched records not yet sent, over all connections: beyond it pieces are small.
  package var responsesInFlightBytes = 256 << 20
  /// A connection without a request for so long is closed (`connections.max.idle.ms`).
  package var idleTime: Duration = .seconds(600)
  /// A request that began must be whole after so long.
  package var frameTime: Duration = .seconds(120)
  /// Between two looks for connections that are overdue.
  package var sweepInterval: Duration = .seconds(10)

  /// The broker's own bounds.
  package init() {}
}
