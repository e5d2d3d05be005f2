package import MillraceDomain

/// What one attempt came to, as `results` and `replies` carry it.
package struct AttemptOutcome: Hashable, Sendable {
  /// The invocation.
  package var invocation: InvocationID
  /// Which attempt.
  package var attempt: AttemptNumber
  /// Whose function.
  package var namespace: NamespaceName
  /// The function.
  package var function: FunctionName
  /// The version that ran; nil where none could be found.
  package var version: VersionNumber?
  /// A terminal state.
  package var status: InvocationStatus
  /// Lambda's `errorType`, such as `ValueError` or `Sandbox.Timedout`; nil when it succeeded.
  package var errorType: String?
  /// In short, for lists and tables; the value has all of it. nil when it succeeded.
  package var errorMessage: String?
  /// The function's answer, or the error as a JSON object with `errorType`, `errorMessage` and, where there is one,
  /// `stackTrace`.
  package var payload: [UInt8]
  /// The times and sizes of the attempt.
  package var measurement: AttemptMeasurement
  /// The executor that ran it.
  package var executor: ComponentID
  /// The offset of its task in the same partition number of `tasks`.
  package var taskOffset: Int64

  /// An outcome from its parts.
  package init(
    invocation: InvocationID, attempt: AttemptNumber, namespace: NamespaceName, function: FunctionName,
    version: VersionNumber?, status: InvocationStatus, errorType: String? = nil, errorMessage: String? = nil,
    payload: [UInt8], measurement: AttemptMeasurement, executor: ComponentID, taskOffset: Int64
  ) {
    precondition(status.isTerminal)
    self.invocation = invocation
    self.attempt = attempt
    self.namespace = namespace
    self.function = function
    self.version = version
    self.status = status
    self.errorType = errorType
    self.errorMessage = errorMessage
    self.payload = payload
    self.measurement = measurement
    self.executor = executor
    self.taskOffset = taskOffset
  }
}

/// Times and sizes of one attempt.
package struct AttemptMeasurement: Hashable, Sendable {
  /// When the task was appended, as the log has it.
  package var submittedAt: Timestamp
  /// When the event was given to the handler.
  package var startedAt: Timestamp
  /// When the outcome was known.
  package var finishedAt: Timestamp
  /// From start to outcome, by the executor's monotonic clock.
  package var durationMicroseconds: Int64
  /// The duration rounded up to milliseconds, with the start of the sandbox where this attempt caused one.
  package var billedMilliseconds: Int64
  /// How long the sandbox took to start and to load the handler; nil where it was warm.
  package var initMicroseconds: Int64?
  /// What the function may use.
  package var memoryMebibytes: Int64
  /// The most it has used since its sandbox started.
  package var maximumMemoryMebibytes: Int64

  /// A measurement from its parts.
  package init(
    submittedAt: Timestamp, startedAt: Timestamp, finishedAt: Timestamp, durationMicroseconds: Int64,
    billedMilliseconds: Int64,
    initMicroseconds: Int64?, memoryMebibytes: Int64, maximumMemoryMebibytes: Int64
  ) {
    self.submittedAt = submittedAt
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.durationMicroseconds = durationMicroseconds
    self.billedMilliseconds = billedMilliseconds
    self.initMicroseconds = initMicroseconds
    self.memoryMebibytes = memoryMebibytes
    self.maximumMemoryMebibytes = maximumMemoryMebibytes
  }
}
