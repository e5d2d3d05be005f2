import KafkaWire
import SimulationKit
import Testing

/// What we write, kafka-python reads as the same values under the same names, and writes as the same bytes: for random
/// messages of every version of the table.
@Suite struct KafkaPythonTests {
  static let messagesPerVersion = 8

  @Test(.enabled("kafka-python is not installed: script/install test-clients") { KafkaPython.isInstalled })
  func `kafka-python reads what we write`() throws {
    var generator = SeededGenerator(seed: 20_251_125)
    var lines: [String] = []
    for request in MessageList.requests {
      for version in APITable.entry(for: request.key).versions {
        for _ in 0..<Self.messagesPerVersion { lines += try self.lines(request, version, &generator) }
      }
    }
    let answer = try KafkaPython.check(lines)
    #expect(answer.prefix(20) == ["checked \(lines.count)"])
  }

  private func lines<Request: WireRequest>(
    _ request: Request.Type, _ version: Int16, _ generator: inout SeededGenerator
  ) throws -> [String] {
    let asked = try RandomCoder.message(Request.self, version: version, using: &generator)
    var answered = try RandomCoder.message(Request.Response.self, version: version, using: &generator)
    // Of an ApiVersions answer that names an error, clients expect version 0 whatever they asked for.
    if var response = answered as? ApiVersionsResponse {
      response.errorCode = .none
      answered = response as? Request.Response ?? answered
    }
    return [try line("request", asked, version), try line("response", answered, version)]
  }

  private func line<Message: WireMessage>(_ kind: String, _ message: Message, _ version: Int16) throws -> String {
    var output: [UInt8] = []
    try message.encode(into: &output, version: version)
    let key = Message.key.rawValue
    return "\(key) \(version) \(kind) \(HexadecimalText.text(output)) \(MessageJSON.text(message))"
  }
}
