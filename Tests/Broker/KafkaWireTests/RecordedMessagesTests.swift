import FoundationEssentials
import Glibc
import KafkaWire
import SimulationKit
import Testing

/// The recorded messages keep their bytes and their values, so that no change of the codec goes unnoticed where neither
/// captured frames nor kafka-python are at hand.
///
/// `MILLRACE_RECORD_MESSAGES=1` records them anew, in the first, the first flexible and the last version of each API.
@Suite struct RecordedMessagesTests {
  static let path = "\(ProjectFolder.path)/Tests/Broker/KafkaWireTests/recorded-messages.txt"

  static func lines() throws -> [Substring] {
    if getenv("MILLRACE_RECORD_MESSAGES") != nil { try record() }
    let content = try #require(FileManager.default.contents(atPath: path))
    return String(decoding: content, as: UTF8.self).split(separator: "\n")
  }

  @Test func `recorded messages are read and written as they were`() throws {
    var kinds: Set<String> = []
    for line in try Self.lines() {
      let recorded = try #require(MessageLine(line))
      kinds.insert("\(recorded.key) \(recorded.kind)")
      try check(recorded, MessageList.request(recorded.key))
    }
    #expect(kinds.count == 2 * APIKey.allCases.count)
  }

  private func check<Request: WireRequest>(_ recorded: MessageLine, _ request: Request.Type) throws {
    if recorded.kind == "request" {
      try check(recorded, message: Request.self)
    } else {
      try check(recorded, message: Request.Response.self)
    }
  }

  private func check<Message: WireMessage>(_ recorded: MessageLine, message type: Message.Type) throws {
    let message = try Message.decode(recorded.body[...], version: recorded.version)
    #expect(MessageJSON.text(message) == recorded.json, "\(type) \(recorded.version)")
    var output: [UInt8] = []
    try message.encode(into: &output, version: recorded.version)
    #expect(output == recorded.body, "\(type) \(recorded.version)")
  }

  private static func record() throws {
    var generator = SeededGenerator(seed: 7)
    var lines: [String] = []
    for entry in APITable.entries {
      let versions: Set<Int16> = [
        entry.versions.lowerBound, entry.firstFlexibleVersion, entry.versions.upperBound,
      ]
      for version in versions.sorted() where entry.versions.contains(version) {
        lines += try MessageLine.random(MessageList.request(entry.key), version: version, using: &generator)
      }
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
  }
}
