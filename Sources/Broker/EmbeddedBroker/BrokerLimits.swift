/// The broker's bounds; those of connections are in ``ConnectionLimits``.
package enum BrokerLimits {
  /// Bytes of one request (`socket.request.max.bytes`).
  static let requestBytes = 104_857_600
  /// Bytes of a request that are not counted: 64 MiB with all connections.
  static let uncountedRequestBytes = 16 << 10
  /// Bytes of a request that are counted at once, at least, as they come.
  static let requestStepBytes = 256 << 10
  /// Bytes that one fetch answers at most, but for a first batch that is larger.
  static let fetchBytes = 55 << 20
  /// An answer with more records than this goes out in pieces of so many bytes, as the client takes them.
  static let pieceBytes = 256 << 10
  /// What a piece has where the budget is spoken for.
  static let scarcePieceBytes = 16 << 10
  /// Records whose checksums are looked at on a loop; more are left to the disk's threads.
  static let checkedOnLoopBytes = 1 << 20
  /// Produce requests of a connection that wait for the disk, and their bytes: beyond it the connection is not read.
  static let unansweredRequests = 32
  static let unansweredBytes = 16 << 20
  /// How long a fetch may wait, whatever it says.
  static let fetchWaitMilliseconds: Int32 = 300_000
  /// Threads that sync, each its share of the partitions that are due.
  package static let syncThreads = 6
  /// Threads for reads from the disk, and how many such reads wait.
  static let diskThreads = 4
  static let diskReadsWaiting = 4_096
  /// Bytes on the disk that are held for topics, committed offsets and checkpoints where clients find no room.
  package static let reserveBytes: Int64 = 64 << 20
  /// Between two looks for room that refused clients cause.
  static let reserveLookNanoseconds: Int64 = 1_000_000_000
  /// Between two looks for segments that are too old (`log.retention.check.interval.ms`).
  static let retentionInterval: Duration = .seconds(300)
  /// Between two checkpoints of the recovery points; sooner, where clients have appended so many bytes since. A start after a kill
  /// looks at what lies behind the last one.
  static let checkpointInterval: Duration = .seconds(60)
  static let checkpointBytes = 512 << 20
  /// Between two looks at how much that is.
  static let housekeepingInterval: Duration = .seconds(1)
  /// Threads that make a checkpoint: they wait for the disk.
  static let checkpointThreads = 8
}
