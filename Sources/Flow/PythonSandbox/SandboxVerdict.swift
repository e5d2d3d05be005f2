package import Processes

/// What became of one invocation. Exactly one for each ``Sandbox/invoke(_:_:)``.
package enum SandboxVerdict: Sendable {
  /// The handler returned; the response is JSON as its `json.dumps` made it.
  case succeeded(response: [UInt8], SandboxMeasurements)
  /// The handler raised, or what it returned is no JSON. The sandbox lives on.
  case functionError(FunctionError, SandboxMeasurements)
  /// It was killed at its limit, which is ``SandboxOptions/initTimeout`` while the module was being imported.
  case timedOut(limit: Duration, SandboxMeasurements)
  /// The kernel killed it at its memory limit.
  case outOfMemory(limitMebibytes: Int, SandboxMeasurements)
  /// Its process ended in the middle: `sys.exit`, `os._exit`, a crash.
  case exited(ProcessEnd, SandboxMeasurements)
  /// The response is larger than the limit. The sandbox lives on.
  case responseTooLarge(byteCount: Int, SandboxMeasurements)
  /// The module could not be imported, or it lacks the handler.
  case initFailed(FunctionError, SandboxMeasurements)
  /// It broke the protocol and was killed; the text says how.
  case misbehaved(String, SandboxMeasurements)
  /// It was not begun, because the sandbox is dead: run it in another one.
  case notStarted
}

/// What an invocation took.
package struct SandboxMeasurements: Sendable, Equatable {
  /// From the sandbox being free for it to its end.
  package var durationMicroseconds: Int
  /// Import of the module, before the sandbox's first invocation; nil for later ones.
  package var initMicroseconds: Int?
  /// The most memory that the sandbox has used so far.
  package var peakMemoryMebibytes: Int
  /// Output bytes thrown away, because the invocation wrote more than the limit.
  package var droppedOutputBytes: Int
  /// The most processes and threads that there may be, where the invocation wanted one more than that; else nil.
  package var processLimitReached: Int?

  /// Measurements from their parts.
  package init(
    durationMicroseconds: Int = 0, initMicroseconds: Int? = nil, peakMemoryMebibytes: Int = 0,
    droppedOutputBytes: Int = 0, processLimitReached: Int? = nil
  ) {
    self.durationMicroseconds = durationMicroseconds
    self.initMicroseconds = initMicroseconds
    self.peakMemoryMebibytes = peakMemoryMebibytes
    self.droppedOutputBytes = droppedOutputBytes
    self.processLimitReached = processLimitReached
  }
}

/// An error of the function's, in Lambda's terms.
package struct FunctionError: Sendable, Equatable {
  /// The exception's class, or one of Lambda's `Runtime.…` names.
  package var type: String
  package var message: String
  /// The function's own frames, outermost first, as `traceback.format_list` prints them.
  package var stackTrace: [String]

  /// An error with these parts.
  package init(type: String, message: String, stackTrace: [String] = []) {
    self.type = type
    self.message = message
    self.stackTrace = stackTrace
  }
}
