import Synchronization
import Telemetry
import Testing

/// A place that keeps lines, or refuses them.
final class LineKeeper: Sendable {
  private let state = Mutex<(lines: [String], isFull: Bool)>(([], false))
  var lines: [String] { state.withLock { $0.lines } }
  func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }
  func take(_ line: [UInt8]) -> Bool {
    state.withLock {
      guard !$0.isFull else { return false }
      $0.lines.append(String(decoding: line, as: UTF8.self))
      return true
    }
  }

  func output(_ format: LogFormat, _ threshold: LogLevel = .info) -> LogOutput {
    LogOutput(format: format, threshold: threshold, now: { 1_764_036_184_000_123 }, send: { self.take($0) })
  }
}

@Suite struct LoggerTests {
  @Test func aLineIsOneJSONObjectOrOneLineOfText() {
    let keeper = LineKeeper()
    Logger(label: "gateway", output: keeper.output(.json)).info(
      "started", [("listen", "127.0.0.1:80"), ("odd", "a\n\"\u{1b}")])
    Logger(label: "gateway", output: keeper.output(.text)).warning("slow", [("who", "a b"), ("n", "3")])
    #expect(
      keeper.lines == [
        #"{"time":"2025-11-25T02:03:04.000123Z","level":"info","logger":"gateway","message":"started","listen":"127.0.0.1:80","odd":"a\n\"\u001b"}"#
          + "\n",
        #"2025-11-25T02:03:04.000123Z warning gateway: slow who="a b" n=3"# + "\n",
      ])
  }

  @Test func aLevelThatIsOffMakesNoMetadata() {
    let keeper = LineKeeper()
    let logger = Logger(label: "x", output: keeper.output(.json))
    var made = 0
    func metadata() -> [(String, String)] {
      made += 1
      return []
    }
    logger.debug("not written", metadata())
    logger.error("written", metadata())
    #expect(made == 1)
    #expect(keeper.lines.count == 1)
  }

  @Test(arguments: [LogFormat.text, .json]) func aLineIsBoundedAndStaysWhole(_ format: LogFormat) {
    let keeper = LineKeeper()
    let many = (0..<100).map { ("key\($0)", String(repeating: "v", count: 5000)) }
    Logger(label: "x", output: keeper.output(format)).info("much", many)
    #expect(keeper.lines[0].utf8.count <= TelemetryLimits.logLineBytes)
    #expect(keeper.lines[0].hasSuffix(format == .json ? "\"}\n" : "\n"))
    #expect(keeper.lines[0].contains("key2") && !keeper.lines[0].contains("key5"))
  }

  @Test func droppedLinesAreCountedInTheNextOne() {
    let keeper = LineKeeper()
    let logger = Logger(label: "x", output: keeper.output(.text))
    keeper.setFull(true)
    logger.info("lost")
    logger.info("lost")
    keeper.setFull(false)
    logger.info("kept")
    #expect(keeper.lines.count == 2)
    #expect(keeper.lines[0].contains("log lines were dropped count=2"))
    #expect(keeper.lines[1].contains("kept"))
  }
}
