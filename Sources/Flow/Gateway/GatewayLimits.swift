/// The bounds of the gateway. Each says what happens beyond it.
package enum GatewayLimits {
  /// The event of a waiting call; beyond: 413.
  package static let waitingEventBytes = 6 << 20
  /// The event of an asynchronous call; beyond: 413.
  package static let asyncEventBytes = 1 << 20
  /// Calls that wait for their outcome at once; beyond: 429.
  package static let waitingCalls = 10_000
  /// Waiting calls of one function on one partition before the next partition is used too.
  package static let waitingCallsPerPartition = 16
  /// A deployment's form: the code with what is around it; beyond: 413.
  package static let deploymentBytes = (64 << 20) + (64 << 10)
  /// Other bodies; beyond: 413.
  package static let otherBodyBytes = 64 << 10

  /// A body up to this is read before its sender is asked for a token.
  package static let unaskedBodyBytes = 16 << 10

  /// What a waiting call waits beyond its function's timeout: queueing, a cold start, the way back.
  package static let waitMargin = Duration.seconds(30)
  /// How long a reader of its own write waits for the recorder; beyond: 503.
  package static let recorderWait = Duration.seconds(5)
  /// How long a reader of what is not final yet waits for the recorder; beyond, it gets what there is.
  package static let freshnessWait = Duration.seconds(1)
  /// How often the recorder's progress is looked at.
  package static let recorderPoll = Duration.milliseconds(20)
  /// How long the view may take to show a change that this gateway has made; beyond, the answer is given all the same.
  package static let viewWait = Duration.seconds(5)
  /// An executor's heartbeat counts for so long.
  package static let heartbeat = Duration.seconds(3)
  /// How long one probe of `readyz` may take.
  package static let probe = Duration.seconds(2)
  /// How long the drain lets calls wait on; then they are told to ask for their results.
  package static let drainWait = Duration.seconds(12)
  /// How long the drain lets connections end; then they are cut.
  package static let drain = Duration.seconds(15)
  /// How long the drain waits for the log to acknowledge what was sent.
  package static let flush = Duration.seconds(3)
  /// How long a reader that failed for good stays away before it is made anew.
  package static let restartInterval = Duration.seconds(1)

  /// Invocations on one page of a list, where the client does not say, and at most.
  package static let pageSize = 50
  /// See ``pageSize``.
  package static let largestPage = 500
  /// Log records of one invocation in one answer.
  package static let logRecords = 10_000
  /// Connections to the database.
  package static let databaseConnections = 4
  /// Callers that wait for one; beyond: 503.
  package static let databaseWaiters = 256
  /// How long they wait; beyond: 503.
  package static let databaseWait = Duration.seconds(5)
}
