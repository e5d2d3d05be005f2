/// The bounds of an HTTP server. Each says what happens beyond it.
package struct HTTPLimits: Sendable {
  /// The request line, without its end; beyond: 414.
  package var requestLineBytes = 8192
  /// The request line and all fields; beyond: 431. At most 65,535.
  package var headBytes = 16384
  /// Fields of one request; beyond: 431.
  package var fields = 100
  /// The line before a chunk, extensions included; beyond: 400.
  package var chunkLineBytes = 1024
  /// Chunk framing that the chunks' data does not earn (16 bytes for each chunk and two for each byte are free); beyond: 400.
  package var unearnedFramingBytes = 16384
  /// Connections open at once; beyond, callers wait in the kernel.
  package var connections = 8192
  /// Bytes of bodies held for all connections together; beyond: 503.
  package var heldBodyBytes = 512 << 20
  /// A connection without a request is closed after this.
  package var idle = Duration.seconds(75)
  /// A head that is not whole after this: 408.
  package var head = Duration.seconds(30)
  /// A body of which nothing has come for this long: 408. An answer of which nothing was taken for this long: closed.
  package var stall = Duration.seconds(60)
  /// After an answer that ends the connection, so much of what the client still sends is read and dropped, for so long:
  /// closing at once would reset the connection, and the client might lose the answer.
  package var lingeringBytes = 1 << 20
  /// See ``lingeringBytes``.
  package var lingering = Duration.seconds(2)

  /// The standard bounds.
  package init() {}
}
