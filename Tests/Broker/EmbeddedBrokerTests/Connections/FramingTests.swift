import KafkaWire
import SimulationKit
import Testing

@testable import EmbeddedBroker

/// What is no request of ours ends its connection and no other, and costs no memory that it only claims. Bytes over loopback.
@Suite("Framing", .serialized) struct FramingTests {
  /// The frames that no client sends, each behind its length.
  static let hostile: [(String, [UInt8])] = [
    ("a length of -1", [0xff, 0xff, 0xff, 0xff]),
    ("a length of 0", [0, 0, 0, 0]),
    ("a length of 2^31-1", [0x7f, 0xff, 0xff, 0xff]),
    ("a length of one byte too many", [0x06, 0x40, 0x00, 0x01]),
    ("the start of an HTTP request", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
    ("an API that nobody has", [0, 0, 0, 10, 0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff]),
    ("an API of replicas", [0, 0, 0, 10, 0, 4, 0, 0, 0, 0, 0, 1, 0xff, 0xff]),
    ("Metadata of version 99", [0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff]),
    ("a header of three bytes", [0, 0, 0, 3, 0, 3, 0]),
    (
      "Metadata with an array that is longer than the frame",
      [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 9]
    ),
    ("Metadata cut in its body", [0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0]),
    ("Produce of a version that is offered in name only", [0, 0, 0, 10, 0, 0, 0, 2, 0, 0, 0, 1, 0xff, 0xff]),
  ]

  @Test("K57: what is no request ends its connection, and no other", arguments: hostile.map(\.0))
  func hostileFrame(_ name: String) async throws {
    let broker = try await BrokerScene.start()
    let bystander = broker.client()
    let intruder = broker.client()
    intruder.send(try #require(Self.hostile.first { $0.0 == name }).1)
    #expect(intruder.isClosed())
    #expect(try bystander.ask(ApiVersionsRequest(), version: 0).errorCode == .none)
    await broker.end()
  }

  @Test("K57: a frame byte by byte is a frame, and a client that leaves in the middle of one takes nobody along")
  func dribbledFrame() async throws {
    let broker = try await BrokerScene.start()
    let leaver = broker.client()
    leaver.send([0, 0, 0, 40, 0, 3])
    withExtendedLifetime(leaver) {}
    let client = broker.client()
    for byte in try WireClient.bytes(ApiVersionsRequest(), version: 0) { client.send([byte]) }
    #expect(try client.answer(to: ApiVersionsRequest.self, version: 0, correlationID: 1).errorCode == .none)
    await broker.end()
  }

  @Test("K57: a length is a claim: a hundred that claim 100 MiB and send nothing take nothing")
  func claimedLengths() async throws {
    let broker = try await BrokerScene.start()
    let before = ResidentMemory.bytes()
    let claimants = (0..<100).map { _ in broker.client() }
    for claimant in claimants { claimant.send([0x06, 0x40, 0, 0]) }
    let client = broker.client()
    #expect(try client.ask(ApiVersionsRequest(), version: 0).errorCode == ErrorCode.none)
    #expect(ResidentMemory.bytes() - before < 50 << 20)
    withExtendedLifetime(claimants) {}
    await broker.end()
  }

  @Test(
    "Pitfalls 1 and 22: ApiVersions has no tagged fields and an old header; a version of the future is told which to take"
  )
  func apiVersions() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    for version: Int16 in 3...4 {
      try client.post(ApiVersionsRequest(), version: version)
      let frame = try #require(client.frame())
      // Correlation id and error, then a compact array: no byte of tags between them.
      let (_, body) = try ResponseHeader.decode(frame[...], key: .apiVersions, version: version)
      #expect(frame.count - body.count == 4)
      #expect(Array(body.prefix(2)) == [0, 0])
      #expect(body.last == 0, "the response ends in an empty section of tags")
      let response = try ApiVersionsResponse.decode(body, version: version)
      #expect(response.taggedFields.isEmpty)
      #expect(response.apiKeys.count == APITable.advertised.count)
    }
    client.send([0, 0, 0, 14, 0, 18, 0, 5, 0, 0, 0, 77, 0xff, 0xff, 0, 1, 1, 0])
    #expect(client.frame() == [0, 0, 0, 77, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4])
    // The connection goes on.
    #expect(try client.ask(ApiVersionsRequest(), version: 0).errorCode == ErrorCode.none)
    await broker.end()
  }

  @Test("Pitfalls 2 and 3: Produce and FindCoordinator are offered from version 0 on")
  func offeredVersions() async throws {
    let broker = try await BrokerScene.start()
    let offered = try broker.client().ask(ApiVersionsRequest(), version: 0).apiKeys
    #expect(offered.first { $0.apiKey == APIKey.produce.rawValue }?.minVersion == 0)
    #expect(offered.first { $0.apiKey == APIKey.findCoordinator.rawValue }?.minVersion == 0)
    await broker.end()
  }

  @Test("Pitfall 4: Metadata takes null for all topics and an empty list for none, but in version 0")
  func nullAndEmpty() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let all = try client.ask(MetadataRequest { $0.topics = nil }, version: 5)
    #expect(all.topics.filter { !$0.isInternal }.map(\.name) == ["t"])
    #expect(try client.ask(MetadataRequest { $0.topics = [] }, version: 5).topics.isEmpty)
    #expect(try client.ask(MetadataRequest { $0.topics = [] }, version: 0).topics.count == all.topics.count)
    #expect(all.brokers.map(\.nodeID) == [1])
    #expect(all.controllerID == 1)
    await broker.end()
  }

  @Test("Requests that are sent ahead are answered one after the other, in their order")
  func pipelined() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    // The first waits at the log's end; the others are quick and still come behind it.
    let first = try client.post(WireClient.fetchRequest("t", waitMilliseconds: 100), version: 11)
    let others = try (0..<20).map { _ in try client.post(MetadataRequest { $0.topics = [] }, version: 5) }
    let answer = try client.answer(to: FetchRequest.self, version: 11, correlationID: first)
    #expect(answer.responses.first?.partitions.first?.records?.isEmpty == true)
    for id in others { _ = try client.answer(to: MetadataRequest.self, version: 5, correlationID: id) }
    await broker.end()
  }

  @Test("Pitfall 18: a client has several connections, and one that waits does not hold the others up")
  func severalConnections() async throws {
    let broker = try await BrokerScene.start()
    let clients = (0..<8).map { _ in broker.client() }
    try clients[0].make("t")
    for client in clients.dropLast() {
      try client.post(WireClient.fetchRequest("t", waitMilliseconds: 20_000), version: 11)
    }
    #expect(try clients[7].produce(WireClient.batch(valueBytes: 10), to: "t").errorCode == .none)
    for client in clients.dropLast() {
      let answer = try client.answer(to: FetchRequest.self, version: 11)
      #expect(try answer.responses.first?.partitions.first?.batchOffsets == [0])
    }
    await broker.end()
  }

  @Test("Pitfall 16: random frames end connections, and never the process")
  func randomFrames() async throws {
    let broker = try await BrokerScene.start()
    try SeededProperty.holds(forSeeds: 300) { generator in
      let client = broker.client()
      var frame = generator.bytes(count: 8...200)
      // Half of them have a header that is one of ours.
      if generator.isOne(in: 2), let entry = APITable.advertised.randomElement(using: &generator) {
        let version = Int16.random(in: entry.versions, using: &generator)
        frame.replaceSubrange(0..<4, with: [0, UInt8(entry.key.rawValue), 0, UInt8(version)])
      }
      client.send(withUnsafeBytes(of: Int32(frame.count).bigEndian) { Array($0) } + frame)
    }
    #expect(try broker.client().ask(ApiVersionsRequest(), version: 0).errorCode == .none)
    await broker.end()
  }
}
