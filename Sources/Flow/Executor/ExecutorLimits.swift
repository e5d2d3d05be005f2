/// The bounds of an executor.
enum ExecutorLimits {
  /// Output of one attempt is sent when this much waits.
  static let logPieceBytes = 64 << 10
  /// Output of one attempt is sent when a line has waited this long.
  static let logFlushMilliseconds: Int64 = 200
  /// How often commits, waiting output, and idle sandboxes are looked at.
  static let tickInterval: Duration = .milliseconds(100)
  /// Offsets are committed at most this often, but for ``commitCount``.
  static let commitInterval: Duration = .milliseconds(200)
  /// Offsets are committed when so many tasks are done beyond what is committed.
  static let commitCount = 500
  /// How often the executor says how it is.
  static let heartbeatInterval: Duration = .seconds(1)
  /// How often, and for how long, it says so when it has just begun: a gateway that starts beside it hears only what is said
  /// once it has found the topic's end, and is not ready before.
  static let firstHeartbeatInterval: Duration = .milliseconds(50)
  static let firstHeartbeats: Duration = .seconds(10)
  /// Tasks of one partition read and not done; beyond that the partition waits.
  static let windowCount = 1000
  /// Bytes of such tasks.
  static let windowBytes = 64 << 20
  /// A result that the last owner has left is kept for a caller that waits up to this size.
  static let inheritedResultBytes = 64 << 10
  /// Bytes of such results kept for one partition; older ones are told to nobody again.
  static let inheritedOutcomeBytes = 4 << 20
  /// What a kept result takes beside its payload, roughly.
  static let inheritedOutcomeOverheadBytes = 1 << 10
  /// Results of the last owners' remembered for one partition, which matters where the group has committed nothing. Beyond
  /// that the oldest are forgotten, which a line of the log tells: where their tasks still stand, they run again.
  static let inheritedResults = 500_000
  /// How long a task waits for the catalogue to reach the index it names.
  static let catalogueWait: Duration = .seconds(30)
  /// A record that the log did not take is sent again after this long, for as long as it takes.
  static let resendInterval: Duration = .milliseconds(200)
  /// Output written between two attempts, which belongs to the next one.
  static let earlyOutputBytes = 64 << 10
  /// How long work waits while this host fails to make a sandbox for it, as when it is short of memory; then it ends as failed.
  static let startPatience: Duration = .seconds(300)
  /// The error message in a header; the payload has all of it.
  static let errorMessageBytes = 1024
  /// Archives in the cache, unpacked, in bytes; what is in use does not go.
  static let cacheBytes = 2 << 30
  /// How long draining may take before the partitions are given up.
  static let drainTime: Duration = .seconds(15)
  /// How long results and output wait for company in a batch.
  static let resultLinger: Duration = .milliseconds(5)
}
