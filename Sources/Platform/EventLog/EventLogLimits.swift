/// The bounds of what a client holds and of what it does in one turn of the loop.
enum EventLogLimits {
  /// Events of the library handled before other work of the loop is let in.
  static let eventsPerTurn = 512
  /// Records of one partition handed over in one batch.
  static let recordsPerBatch = 256
  /// Records that a group consumer hands over before its loop looks at its descriptors again: what they set in motion takes
  /// longer than handing them over.
  static let recordsPerTurn = 256
  /// A batch ends with the record that reaches this many bytes of key and value.
  static let bytesPerBatch = 4 << 20
  /// How long a broker holds a group consumer's fetch while there is nothing.
  static let groupFetchWaitMilliseconds = 500
  /// Likewise a reader's: shorter, because readers wait for ends and begin elsewhere.
  static let readerFetchWaitMilliseconds = 100
  /// How often a consumer tells the library that its owner is alive; far below `max.poll.interval.ms`.
  static let livenessInterval: Duration = .seconds(10)
  /// How often committed offsets are asked for again while the coordinator cannot say.
  static let committedOffsetsRetryInterval: Duration = .milliseconds(200)
  /// How long a committed-offsets question may take.
  static let committedOffsetsTimeoutMilliseconds: Int32 = 2_000
  /// While a consumer leaves, how often it is looked whether it has.
  static let closingCheckInterval: Duration = .milliseconds(20)
  /// Blocking calls of an admin client that wait for a thread; one more is refused.
  static let blockingCallsQueued = 256
  /// The threads of one admin client or reader for calls that the library only offers as blocking ones.
  static let blockingThreads = 1
}
