import KafkaWire
import SimulationKit
import Testing

/// What we write, kafka-python reads as the same values under the same names, and writes as the same bytes: for random
/// messages of every version of the table.
@Suite struct KafkaPythonTests {
  static let messagesPerVersion = 40
  static let absence: Comment = "kafka-python is not installed: script/install test-clients"

  @Test(.enabled(if: KafkaPython.isInstalled, absence)) func `kafka-python reads what we write`() throws {
    var generator = SeededGenerator(seed: 20_251_125)
    var lines: [String] = []
    for request in MessageList.requests {
      for version in APITable.entry(for: request.key).versions {
        for _ in 0..<Self.messagesPerVersion {
          lines += try MessageLine.random(request, version: version, using: &generator)
        }
      }
    }
    let answer = try KafkaPython.check(lines).prefix(20)
    #expect(answer == ["checked \(lines.count)"])
  }

  @Test(.enabled(if: KafkaPython.isInstalled, absence)) func `kafka-python reads the recorded messages`() throws {
    let lines = try RecordedMessagesTests.lines().map(String.init)
    let answer = try KafkaPython.check(lines).prefix(20)
    #expect(answer == ["checked \(lines.count)"])
  }

  /// The differential can fail: a value and a byte that are not what they should be are told.
  @Test(.enabled(if: KafkaPython.isInstalled, absence)) func `kafka-python notices what is wrong`() throws {
    let wrong = try KafkaPython.check([
      #"12 0 response 001b {"errorCode":26}"#, #"12 1 response 00000001 {"throttleTimeMilliseconds":1}"#,
      #"16 3 request 0002 {"statesFilter":[]}"#,
    ])
    #expect(wrong.count == 4)
    #expect(wrong.first?.contains("26 and 27") == true)
    #expect(wrong.last == "checked 3")
  }
}
