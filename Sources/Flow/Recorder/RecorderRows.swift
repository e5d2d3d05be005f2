internal import LogContracts
package import LogRecords
package import MillraceDomain

/// A partition number and an offset; which topic is clear from the context.
package struct RecordPlace: Hashable, Sendable {
  let partition: Int32
  let offset: Int64

  /// Where a record stands.
  package init(_ position: RecordPosition) {
    partition = position.partition.partition
    offset = position.offset
  }
}

/// What is known of one invocation, from one fact or many. Its parts come from different topics, in any order.
package struct InvocationRow: Hashable, Sendable {
  struct TaskPart: Hashable, Sendable {
    let attempt: AttemptNumber
    let version: VersionNumber?
    let submittedAt: Timestamp
    let place: RecordPlace
    let requestBytes: Int64
    let traceParent: String?
  }
  struct RunningPart: Hashable, Sendable {
    let attempt: AttemptNumber
    let version: VersionNumber?
    let at: Timestamp
    let place: RecordPlace
  }
  struct OutcomePart: Hashable, Sendable {
    let attempt: AttemptNumber
    let status: InvocationStatus
    let version: VersionNumber?
    let measurement: AttemptMeasurement
    let place: RecordPlace
    let payload: [UInt8]
    let errorType: String?
    let errorMessage: String?
  }
  struct DeathPart: Hashable, Sendable {
    let at: Timestamp
    let reason: String
  }

  /// The invocation.
  package let id: InvocationID
  private(set) var namespace: NamespaceName?
  private(set) var function: FunctionName?
  /// The newest attempt that anything is known of.
  private(set) var newestAttempt: AttemptNumber
  /// The task of the first attempt.
  var task: TaskPart?
  /// The beginning of the newest attempt's output.
  var running: RunningPart?
  /// The result of the newest attempt that has one.
  var outcome: OutcomePart?
  var death: DeathPart?

  init(id: InvocationID, namespace: NamespaceName?, function: FunctionName?, attempt: AttemptNumber) {
    self.id = id
    self.namespace = namespace
    self.function = function
    newestAttempt = attempt
  }

  /// Adds what a later fact says. Of two facts on the same attempt the first stands, so repeats change nothing; facts on
  /// different parts or attempts commute. `upsertInvocations` of ``RecorderSQL`` says the same to the database.
  package mutating func merge(_ later: InvocationRow) {
    precondition(id == later.id)
    namespace = namespace ?? later.namespace
    function = function ?? later.function
    newestAttempt = max(newestAttempt, later.newestAttempt)
    if let part = later.task, task.map({ part.attempt < $0.attempt }) ?? true { task = part }
    if let part = later.running, running.map({ part.attempt > $0.attempt }) ?? true { running = part }
    if let part = later.outcome, outcome.map({ part.attempt > $0.attempt }) ?? true { outcome = part }
    death = death ?? later.death
  }
}

/// One finished attempt.
package struct AttemptRow: Hashable, Sendable {
  let id: InvocationID
  let attempt: AttemptNumber
  let namespace: NamespaceName
  let function: FunctionName
  let version: VersionNumber?
  let status: InvocationStatus
  let measurement: AttemptMeasurement
  let executor: ComponentID
  let errorType: String?
  let place: RecordPlace

  init(_ outcome: AttemptOutcome, errorType: String?, place: RecordPlace) {
    id = outcome.invocation
    attempt = outcome.attempt
    namespace = outcome.namespace
    function = outcome.function
    version = outcome.version
    status = outcome.status
    measurement = outcome.measurement
    executor = outcome.executor
    self.errorType = errorType
    self.place = place
  }
}

/// One log record.
package struct OutputRow: Hashable, Sendable {
  let id: InvocationID
  let attempt: AttemptNumber
  let sequence: Int64
  let loggedAt: Timestamp
  let text: [UInt8]
}

/// One record that could not be processed.
package struct DeadLetterRow: Hashable, Sendable {
  let topic: String
  let place: RecordPlace
  let code: String
  let reason: String
  let invocation: InvocationID?
  let function: FunctionName?
  let at: Timestamp
  let letterPlace: RecordPlace
}
