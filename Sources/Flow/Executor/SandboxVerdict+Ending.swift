internal import MillraceDomain
internal import Processes
internal import PythonSandbox

/// What a sandbox says of an invocation, as results and logs tell it.
extension SandboxVerdict {
  /// How an invocation ended; nil where it was not begun.
  func ending(requestID: String) -> ExecutorRules.Ending? {
    switch self {
    case .succeeded(let response, let measured): SandboxVerdict.ended(response, measured)
    case .functionError(let error, let measured): SandboxVerdict.failed(.failed, error, measured)
    case .initFailed(let error, let measured): SandboxVerdict.failed(.failed, error, measured)
    case .timedOut(let limit, let measured):
      SandboxVerdict.named(
        .timedOut, "Sandbox.Timedout", "Task timed out after \(SandboxVerdict.seconds(limit)) seconds", measured,
        requestID)
    case .outOfMemory(let limit, let measured):
      SandboxVerdict.named(
        .outOfMemory, "Runtime.OutOfMemory",
        "Runtime exited: it needed more than its \(limit) MiB of memory (peak \(measured.peakMemoryMebibytes) MiB)",
        measured, requestID)
    case .exited(let end, let measured):
      SandboxVerdict.exited(end, measured, requestID)
    case .responseTooLarge(let byteCount, let measured):
      SandboxVerdict.named(
        .failed, "Function.ResponseSizeTooLarge",
        "Response payload size (\(byteCount) bytes) exceeded maximum allowed payload size (6291456 bytes).",
        measured, requestID)
    case .misbehaved(let how, let measured):
      SandboxVerdict.named(.failed, "Runtime.ProtocolViolation", "Runtime killed: \(how)", measured, requestID)
    case .notStarted: nil
    }
  }

  /// Whether the sandbox can go on after the verdict.
  var leavesSandboxAlive: Bool {
    switch self {
    case .succeeded, .functionError, .responseTooLarge: true
    case .initFailed, .timedOut, .outOfMemory, .exited, .misbehaved, .notStarted: false
    }
  }

  private static func ended(_ response: [UInt8], _ measured: SandboxMeasurements) -> ExecutorRules.Ending {
    ending(.succeeded, nil, response, measured, remark: nil)
  }

  private static func failed(
    _ status: InvocationStatus, _ raised: FunctionError, _ measured: SandboxMeasurements
  ) -> ExecutorRules.Ending {
    let error = blamed(raised, measured)
    return ending(
      status, error, payload(error), measured,
      remark: "[ERROR] \(error.type): \(ExecutorRules.shortened(error.message))")
  }

  private static func named(
    _ status: InvocationStatus, _ type: String, _ message: String, _ measured: SandboxMeasurements,
    _ requestID: String
  ) -> ExecutorRules.Ending {
    let error = FunctionError(type: type, message: "RequestId: \(requestID) Error: \(message)")
    return ending(status, error, payload(error), measured, remark: "RequestId: \(requestID) \(message)")
  }

  private static func exited(
    _ end: ProcessEnd, _ measured: SandboxMeasurements, _ requestID: String
  ) -> ExecutorRules.Ending {
    let message = "Runtime exited with error: \(end)"
    guard let limit = measured.processLimitReached else {
      return named(.failed, "Runtime.ExitError", message, measured, requestID)
    }
    return named(
      .failed, "Sandbox.ProcessLimit", "Process limit reached: \(limit). \(message)", measured, requestID)
  }

  /// What fails after it has met the limit on processes fails in many ways, which have one cause.
  private static func blamed(_ error: FunctionError, _ measured: SandboxMeasurements) -> FunctionError {
    guard let limit = measured.processLimitReached else { return error }
    return FunctionError(
      type: "Sandbox.ProcessLimit", message: "Process limit reached: \(limit). \(error.type): \(error.message)",
      stackTrace: error.stackTrace)
  }

  private static func ending(
    _ status: InvocationStatus, _ error: FunctionError?, _ payload: [UInt8], _ measured: SandboxMeasurements,
    remark: String?
  ) -> ExecutorRules.Ending {
    ExecutorRules.Ending(
      status: status, errorType: error?.type, errorMessage: error.map { ExecutorRules.shortened($0.message) },
      payload: payload,
      durationMicroseconds: Int64(measured.durationMicroseconds),
      initMicroseconds: measured.initMicroseconds.map { Int64($0) },
      peakMebibytes: Int64(measured.peakMemoryMebibytes), droppedOutputBytes: measured.droppedOutputBytes,
      processLimitReached: measured.processLimitReached, remark: remark)
  }

  private static func payload(_ error: FunctionError) -> [UInt8] {
    ExecutorRules.errorPayload(type: error.type, message: error.message, stackTrace: error.stackTrace)
  }

  private static func seconds(_ duration: Duration) -> String {
    let hundredths = duration.components.attoseconds / 10_000_000_000_000_000
    return "\(duration.components.seconds).\(hundredths < 10 ? "0" : "")\(hundredths)"
  }
}
