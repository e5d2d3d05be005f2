/// The bounds of connections and pools.
package enum PostgresLimits {
  /// Prepared statements kept per connection; the program's statements are literals, so there are few. A statement beyond
  /// the limit is run unprepared, which costs a parse and nothing else.
  static let preparedStatements = 256
  /// Operations sent or waiting on one connection; one more is refused with `poolExhausted`.
  static let pendingOperations = 1024
  /// Parameters of one statement, from the protocol.
  static let parameters = 65_535
  /// COPY bytes gathered before they are handed to the socket.
  package static let copyChunkBytes = 128 * 1024
  /// Reads of one readiness before other work of the loop has its turn.
  static let readsPerTurn = 16
  /// Threads for what blocks in libpq (looking up a host, cancelling), and the calls that may wait for them.
  static let blockingThreads = 2
  static let blockingQueue = 256
}
