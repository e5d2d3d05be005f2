import KafkaWire
import SimulationKit
import Testing

/// What is written is read back, for every message in every version of the table.
@Suite struct RoundTripTests {
  @Test func `every API has a message and a line in the table`() {
    #expect(Set(MessageList.requests.map { $0.key }) == Set(APIKey.allCases))
    #expect(APITable.entries.map(\.key) == APIKey.allCases)
    for request in MessageList.requests { #expect(responseKey(request) == request.key) }
  }

  @Test func `random messages are read back as they were written`() throws {
    try SeededProperty.holds(forSeeds: 30) { generator in
      for request in MessageList.requests {
        for version in APITable.entry(for: request.key).versions {
          try claimRoundTrip(request, version, &generator)
        }
      }
    }
  }

  private func responseKey<Request: WireRequest>(_ request: Request.Type) -> APIKey { Request.Response.key }

  private func claimRoundTrip<Request: WireRequest>(
    _ request: Request.Type, _ version: Int16, _ generator: inout SeededGenerator
  ) throws {
    try claimRoundTrip(message: RandomCoder.message(Request.self, version: version, using: &generator), version)
    try claimRoundTrip(
      message: RandomCoder.message(Request.Response.self, version: version, using: &generator), version)
  }

  private func claimRoundTrip<Message: WireMessage>(message: Message, _ version: Int16) throws {
    // Something stands before the message and behind it, as in a frame.
    var output: [UInt8] = [1, 2, 3]
    try message.encode(into: &output, version: version)
    try SeededProperty.claim(output.starts(with: [1, 2, 3]), "the bytes before \(Message.self) \(version) changed")
    let count = output.count - 3
    output += [0xff, 0xff]
    let body = output[3...]
    var decoder = WireDecoder(body, version: version, flexible: APITable.isFlexible(Message.key, version))
    var read = Message()
    try read.read(&decoder)
    try SeededProperty.claim(read == message, "\(Message.self) \(version): \(message) became \(read)")
    try SeededProperty.claim(decoder.remainingByteCount == 2, "\(Message.self) \(version) is \(count) bytes long")
    try SeededProperty.claim(try Message.decode(body, version: version) == message, "\(Message.self) \(version)")
  }
}
