internal import FoundationEssentials
package import MillraceDomain
internal import Processes
package import PythonSandbox

/// What an attempt came to, as results and logs tell it. Pure.
package enum ExecutorRules {
  /// The outcome's parts that depend on the verdict.
  package struct Ending: Equatable, Sendable {
    package var status: InvocationStatus
    package var errorType: String?
    package var errorMessage: String?
    package var payload: [UInt8]
    package var durationMicroseconds: Int64
    package var initMicroseconds: Int64?
    package var peakMebibytes: Int64
    package var droppedOutputBytes: Int
    /// A line for the attempt's log, where the function did not end it.
    package var remark: String?

    /// Billed by the millisecond, the start of the sandbox included.
    package var billedMilliseconds: Int64 { (durationMicroseconds + (initMicroseconds ?? 0) + 999) / 1000 }
  }

  /// How an invocation ended; nil where it was not begun.
  package static func ending(_ verdict: SandboxVerdict, requestID: String) -> Ending? {
    switch verdict {
    case .succeeded(let response, let measured): succeeded(response, measured)
    case .functionError(let error, let measured): failed(.failed, error, measured)
    case .initFailed(let error, let measured): failed(.failed, error, measured)
    case .timedOut(let limit, let measured):
      named(.timedOut, "Sandbox.Timedout", "Task timed out after \(seconds(limit)) seconds", measured, requestID)
    case .outOfMemory(let limit, let measured):
      named(
        .outOfMemory, "Runtime.OutOfMemory",
        "Runtime exited: it needed more than its \(limit) MiB of memory (peak \(measured.peakMemoryMebibytes) MiB)",
        measured, requestID)
    case .exited(let end, let measured):
      named(.failed, "Runtime.ExitError", "Runtime exited with error: \(end)", measured, requestID)
    case .responseTooLarge(let byteCount, let measured):
      named(
        .failed, "Function.ResponseSizeTooLarge",
        "Response payload size (\(byteCount) bytes) exceeded maximum allowed payload size (6291456 bytes).",
        measured, requestID)
    case .misbehaved(let how, let measured):
      named(.failed, "Runtime.ProtocolViolation", "Runtime killed: \(how)", measured, requestID)
    case .notStarted: nil
    }
  }

  /// Whether the sandbox can go on after the verdict.
  package static func survives(_ verdict: SandboxVerdict) -> Bool {
    switch verdict {
    case .succeeded, .functionError, .responseTooLarge: true
    case .initFailed, .timedOut, .outOfMemory, .exited, .misbehaved, .notStarted: false
    }
  }

  /// An outcome without a run: the sandbox could not be made, or there is nothing to run.
  package static func notRun(_ status: InvocationStatus, type: String, message: String) -> Ending {
    Ending(
      status: status, errorType: type, errorMessage: shortened(message),
      payload: errorPayload(FunctionError(type: type, message: message)), durationMicroseconds: 0,
      initMicroseconds: nil, peakMebibytes: 0, droppedOutputBytes: 0, remark: nil)
  }

  private static func succeeded(_ response: [UInt8], _ measured: SandboxMeasurements) -> Ending {
    ending(.succeeded, nil, response, measured, remark: nil)
  }

  private static func failed(
    _ status: InvocationStatus, _ error: FunctionError, _ measured: SandboxMeasurements
  ) -> Ending {
    ending(status, error, errorPayload(error), measured, remark: "[ERROR] \(error.type): \(shortened(error.message))")
  }

  private static func named(
    _ status: InvocationStatus, _ type: String, _ message: String, _ measured: SandboxMeasurements,
    _ requestID: String
  ) -> Ending {
    let error = FunctionError(type: type, message: "RequestId: \(requestID) Error: \(message)")
    return ending(status, error, errorPayload(error), measured, remark: "RequestId: \(requestID) \(message)")
  }

  private static func ending(
    _ status: InvocationStatus, _ error: FunctionError?, _ payload: [UInt8], _ measured: SandboxMeasurements,
    remark: String?
  ) -> Ending {
    Ending(
      status: status, errorType: error?.type, errorMessage: error.map { shortened($0.message) }, payload: payload,
      durationMicroseconds: Int64(measured.durationMicroseconds),
      initMicroseconds: measured.initMicroseconds.map { Int64($0) },
      peakMebibytes: Int64(measured.peakMemoryMebibytes), droppedOutputBytes: measured.droppedOutputBytes,
      remark: remark)
  }

  /// Lambda's shape of an error.
  package static func errorPayload(_ error: FunctionError) -> [UInt8] {
    struct Shape: Encodable {
      let errorMessage: String
      let errorType: String
      let stackTrace: [String]?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let shape = Shape(
      errorMessage: error.message, errorType: error.type,
      stackTrace: error.stackTrace.isEmpty ? nil : error.stackTrace)
    do { return Array(try encoder.encode(shape)) } catch { preconditionFailure("strings are encodable: \(error)") }
  }

  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > ExecutorLimits.errorMessageBytes else { return text }
    return String(text.prefix(ExecutorLimits.errorMessageBytes / 4)) + "…"
  }

  private static func seconds(_ duration: Duration) -> String {
    let hundredths = duration.components.attoseconds / 10_000_000_000_000_000
    return "\(duration.components.seconds).\(hundredths < 10 ? "0" : "")\(hundredths)"
  }
}
