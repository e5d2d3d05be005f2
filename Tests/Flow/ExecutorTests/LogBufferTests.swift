import LogContracts
import MillraceDomain
import SimulationKit
import Testing

@testable import Executor

struct LogBufferTests {
  static let report = LogBuffer.Report(
    durationMicroseconds: 1_234_567, billedMilliseconds: 1300, memoryMebibytes: 128, maximumMemoryMebibytes: 31,
    initMicroseconds: 60_009, droppedBytes: 0, remark: nil)

  /// Goal: the lines that Lambda prints, in one record where there is little output.
  @Test func `a short attempt is one record`() {
    var buffer = LogBuffer(requestID: "id", version: "3", at: Timestamp(milliseconds: 5))
    #expect(buffer.append(Array("hello".utf8)[...], at: Timestamp(milliseconds: 6)).isEmpty)
    let piece = buffer.end(LogBufferTests.report, at: Timestamp(milliseconds: 7))
    #expect(piece.phase == .whole)
    #expect(piece.sequence == 0)
    #expect(piece.loggedAt == Timestamp(milliseconds: 5))
    #expect(
      String(decoding: piece.text, as: UTF8.self) == """
        START RequestId: id Version: 3
        hello
        END RequestId: id
        REPORT RequestId: id\tDuration: 1234.56 ms\tBilled Duration: 1300 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\t\
        Init Duration: 60.00 ms\t

        """)
  }

  /// Goal: a long attempt begins, goes on and ends; a flush takes whole lines only.
  @Test func `a long attempt is told in pieces`() {
    var buffer = LogBuffer(requestID: "id", version: "1", at: Timestamp(milliseconds: 1))
    #expect(buffer.waitingSince == Timestamp(milliseconds: 1))
    #expect(buffer.flush()?.phase == .begin)
    #expect(buffer.waitingSince == nil)
    _ = buffer.append(Array("one\ntw".utf8)[...], at: Timestamp(milliseconds: 2))
    let middle = buffer.flush()
    #expect(middle?.phase == .middle)
    #expect(middle?.text == Array("one\n".utf8))
    #expect(middle?.sequence == 1)
    #expect(buffer.flush() == nil)
    var report = LogBufferTests.report
    report.droppedBytes = 9
    report.processLimitReached = 1024
    report.remark = "Task timed out"
    let end = buffer.end(report, at: Timestamp(milliseconds: 3))
    #expect(end.phase == .end)
    let text = String(decoding: end.text, as: UTF8.self)
    #expect(text.hasPrefix("tw\n[millrace: 9 bytes of output beyond the limit were dropped]\nEND "))
    #expect(text.hasSuffix("\tProcess limit reached: 1024\tOutput dropped: 9 bytes\t\nTask timed out\n"))
  }

  /// Goal: however output arrives, the pieces make up all of it in order, none is too large, and all but a line that is longer
  /// than a piece end with a line.
  @Test func `pieces make up the whole`() throws {
    try SeededProperty.holds(forSeeds: 60) { generator in
      var buffer = LogBuffer(requestID: "id", version: "1", at: Timestamp(milliseconds: 0))
      var written: [UInt8] = []
      var pieces: [LogBuffer.Piece] = []
      for time in 0..<Int64.random(in: 0..<30, using: &generator) {
        var bytes = generator.bytes(count: 0...(20_000))
        for index in bytes.indices where generator.isOne(in: 80) { bytes[index] = 0x0a }
        written += bytes
        pieces += buffer.append(bytes[...], at: Timestamp(milliseconds: time))
        if generator.isOne(in: 4), let piece = buffer.flush() { pieces.append(piece) }
      }
      pieces.append(buffer.end(LogBufferTests.report, at: Timestamp(milliseconds: 99)))
      let whole = pieces.flatMap(\.text)
      let start = Array("START RequestId: id Version: 1\n".utf8)
      try SeededProperty.claim(whole.starts(with: start + written), "output is missing or out of order")
      try SeededProperty.claim(pieces.map(\.sequence) == Array(0..<Int64(pieces.count)), "numbers")
      try SeededProperty.claim(pieces.dropLast().allSatisfy { $0.text.count <= 64 << 10 }, "too large")
      try SeededProperty.claim(
        pieces.dropLast().allSatisfy { $0.text.last == 0x0a || $0.text.count == 64 << 10 }, "a broken line")
    }
  }
}
