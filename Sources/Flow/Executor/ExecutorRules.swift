package import MillraceDomain

/// What is decided about tasks beside their dispatch. Pure.
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
    /// The limit on processes and threads, where the attempt has met it.
    package var processLimitReached: Int?
    /// A line for the attempt's log, where the function did not end it.
    package var remark: String?

    /// Billed by the millisecond, the start of the sandbox included.
    package var billedMilliseconds: Int64 { (durationMicroseconds + (initMicroseconds ?? 0) + 999) / 1000 }
  }

  /// An outcome without a run: the sandbox could not be made, or there is nothing to run.
  package static func notRun(_ status: InvocationStatus, type: String, message: String) -> Ending {
    Ending(
      status: status, errorType: type, errorMessage: shortened(message),
      payload: errorPayload(type: type, message: message, stackTrace: []), durationMicroseconds: 0,
      initMicroseconds: nil, peakMebibytes: 0, droppedOutputBytes: 0, remark: nil)
  }

  /// Lambda's shape of an error, as JSON.
  package static func errorPayload(type: String, message: String, stackTrace: [String]) -> [UInt8] {
    var json = Array("{\"errorMessage\":".utf8)
    append(message, to: &json)
    json.append(contentsOf: ",\"errorType\":".utf8)
    append(type, to: &json)
    if !stackTrace.isEmpty {
      json.append(contentsOf: ",\"stackTrace\":[".utf8)
      for (index, line) in stackTrace.enumerated() {
        if index > 0 { json.append(0x2c) }
        append(line, to: &json)
      }
      json.append(0x5d)
    }
    json.append(0x7d)
    return json
  }

  /// A JSON string (RFC 8259, section 7).
  private static func append(_ text: String, to json: inout [UInt8]) {
    json.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5c: json.append(contentsOf: [0x5c, byte])
      case 0x0a: json.append(contentsOf: [0x5c, 0x6e])
      case 0x00..<0x20:
        json.append(contentsOf: [0x5c, 0x75, 0x30, 0x30, Hexadecimal.digit(byte >> 4), Hexadecimal.digit(byte & 15)])
      case _: json.append(byte)
      }
    }
    json.append(0x22)
  }

  /// A message as it fits into a header.
  static func shortened(_ text: String) -> String {
    guard text.utf8.count > ExecutorLimits.errorMessageBytes else { return text }
    return String(text.prefix(ExecutorLimits.errorMessageBytes / 4)) + "…"
  }

  /// What becomes of a partition of which so much is under way.
  enum Window: Equatable, Sendable { case asItIs, pause, resume }

  /// A partition waits when too much of it is under way, and goes on when half of that is done.
  static func window(unfinishedCount count: Int, unfinishedBytes size: Int, isPaused: Bool) -> Window {
    if !isPaused, count >= ExecutorLimits.windowCount || size >= ExecutorLimits.windowBytes { return .pause }
    if isPaused, count <= ExecutorLimits.windowCount / 2, size <= ExecutorLimits.windowBytes / 2 { return .resume }
    return .asItIs
  }
}
