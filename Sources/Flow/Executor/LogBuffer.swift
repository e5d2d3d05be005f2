internal import LogContracts
internal import MillraceDomain

/// The output of one attempt on its way to the log: whole lines in numbered pieces, between the START line and the END and
/// REPORT lines as Lambda prints them. Pure.
struct LogBuffer: Sendable {
  /// One record's worth of lines.
  struct Piece: Equatable, Sendable {
    let sequence: Int64
    let phase: OutputRecord.Phase
    let loggedAt: Timestamp
    let text: [UInt8]
  }

  /// What the REPORT line says.
  struct Report: Equatable, Sendable {
    var durationMicroseconds: Int64
    var billedMilliseconds: Int64
    var memoryMebibytes: Int64
    var maximumMemoryMebibytes: Int64
    var initMicroseconds: Int64?
    var droppedBytes: Int
    /// The limit on processes and threads, where the attempt has met it.
    var processLimitReached: Int?
    /// What ended the attempt, where it was not the function: the line after REPORT.
    var remark: String?
  }

  private let requestID: String
  private var text: [UInt8] = []
  private var sequence: Int64 = 0
  private var firstAt: Timestamp

  /// The output of an attempt that begins now.
  init(requestID: String, version: String, at time: Timestamp) {
    self.requestID = requestID
    firstAt = time
    text = Array("START RequestId: \(requestID) Version: \(version)\n".utf8)
  }

  /// When the oldest line that waits was read; nil where none waits.
  var waitingSince: Timestamp? { text.isEmpty ? nil : firstAt }

  /// Takes what the function has written, and returns what is complete enough to be sent.
  mutating func append(_ bytes: ArraySlice<UInt8>, at time: Timestamp) -> [Piece] {
    if text.isEmpty { firstAt = time }
    text.append(contentsOf: bytes)
    var pieces: [Piece] = []
    while text.count >= ExecutorLimits.logPieceBytes {
      let end = LogBuffer.endOfLines(in: text[..<ExecutorLimits.logPieceBytes]) ?? ExecutorLimits.logPieceBytes
      pieces.append(cut(end))
    }
    return pieces
  }

  /// Gives out the whole lines that wait; nil where there are none.
  mutating func flush() -> Piece? {
    guard let end = LogBuffer.endOfLines(in: text[...]) else { return nil }
    return cut(end)
  }

  /// Ends the attempt's output.
  mutating func end(_ report: Report, at time: Timestamp) -> Piece {
    if text.isEmpty { firstAt = time }
    if let last = text.last, last != 0x0a { text.append(0x0a) }
    if report.droppedBytes > 0 {
      text.append(contentsOf: "[millrace: \(report.droppedBytes) bytes of output beyond the limit were dropped]\n".utf8)
    }
    text.append(contentsOf: "END RequestId: \(requestID)\n".utf8)
    text.append(contentsOf: LogBuffer.line(report, requestID).utf8)
    if let remark = report.remark { text.append(contentsOf: (remark + "\n").utf8) }
    return cut(text.count, isLast: .yes)
  }

  private enum IsLast { case yes, no }

  private mutating func cut(_ end: Int, isLast: IsLast = .no) -> Piece {
    let phase: OutputRecord.Phase =
      switch (sequence, isLast) {
      case (0, .yes): .whole
      case (0, .no): .begin
      case (_, .yes): .end
      case (_, .no): .middle
      }
    let piece = Piece(sequence: sequence, phase: phase, loggedAt: firstAt, text: Array(text[..<end]))
    text.removeFirst(end)
    sequence += 1
    return piece
  }

  private static func endOfLines(in text: ArraySlice<UInt8>) -> Int? { text.lastIndex(of: 0x0a).map { $0 + 1 } }

  /// Lambda's REPORT line, fields separated by tabs; after Lambda's the limits that were met.
  private static func line(_ report: Report, _ requestID: String) -> String {
    var line = "REPORT RequestId: \(requestID)\tDuration: \(milliseconds(report.durationMicroseconds)) ms\t"
    line += "Billed Duration: \(report.billedMilliseconds) ms\tMemory Size: \(report.memoryMebibytes) MB\t"
    line += "Max Memory Used: \(report.maximumMemoryMebibytes) MB\t"
    if let initMicroseconds = report.initMicroseconds {
      line += "Init Duration: \(milliseconds(initMicroseconds)) ms\t"
    }
    if let limit = report.processLimitReached { line += "Process limit reached: \(limit)\t" }
    if report.droppedBytes > 0 { line += "Output dropped: \(report.droppedBytes) bytes\t" }
    return line + "\n"
  }

  /// Milliseconds with two decimals, rounded down.
  private static func milliseconds(_ microseconds: Int64) -> String {
    let hundredths = microseconds % 1000 / 10
    return "\(microseconds / 1000).\(hundredths < 10 ? "0" : "")\(hundredths)"
  }
}
