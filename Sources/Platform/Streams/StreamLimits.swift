/// The bounds of one stream and of one listener.
package struct StreamLimits: Sendable {
  /// Output at or above this is "above the high-water mark": the writer should stop until the stream has drained.
  package var highWaterBytes = 65536
  /// Output at or below this, after having been above the high-water mark, is reported as drained.
  package var lowWaterBytes = 16384
  /// Bytes the delegate may leave unconsumed while it wants more; one more closes the stream.
  package var unconsumedBytes = 65536

  /// The standard bounds.
  package init() {}

  /// Reads of one stream before the others get their turn.
  static let readsPerTurn = 8
  /// Buffers larger than this give their memory back when they are empty.
  static let retainedBufferBytes = 4096
  /// Connections accepted before the others get their turn.
  static let acceptsPerTurn = 64
  /// How long a listener out of descriptors waits at most before it tries again, if no stream of its own closes first.
  static let listenerRetry = Duration.seconds(1)
  /// Connections the kernel keeps for a listener that has not accepted them yet.
  static let backlog: Int32 = 4096
}
