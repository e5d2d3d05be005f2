import KafkaWire
import Testing

@testable import EmbeddedBroker

/// Produce requests that are sent before earlier ones are answered: handled at once, answered in order. Bytes over loopback, and syncs
/// that the test holds.
@Suite("Unanswered Produce", .serialized) struct UnansweredProduceTests {
  private struct Scene {
    let gate = GatedFiles()
    let broker: BrokerScene
    let client: WireClient
    let observer: WireClient

    /// One loop, so that whatever was sent before an answer to the observer has been looked at.
    init() async throws {
      broker = try await BrokerScene.start(files: gate) { $0.loopCount = 1 }
      client = broker.client()
      observer = broker.client()
      try observer.make("t", partitions: 2)
      // The first batch of a partition makes its name durable: from here on, one sync is one file's.
      for partition in Int32(0)...1 { _ = try observer.produce(WireClient.batch([[0]]), to: "t", partition) }
      gate.set(.wait)
    }

    /// Sends a batch, and does not wait.
    func post(_ partition: Int32, acks: Int16 = -1, to topic: String = "t") throws -> Int32 {
      try client.post(
        WireClient.produceRequest(WireClient.batch([[1]]), to: topic, partition, acks: acks), version: 7)
    }

    /// Everything that was sent by now has been handled, as far as it is handled at all.
    func settle() throws {
      for _ in 0..<3 { _ = try observer.ask(ApiVersionsRequest(), version: 0) }
    }

    func answer(_ id: Int32) throws -> ProduceResponse.PartitionResponse {
      let response = try client.answer(to: ProduceRequest.self, version: 7, correlationID: id)
      return try #require(response.responses.first?.partitionResponses.first)
    }
  }

  @Test func `a batch is taken while an earlier one waits for the disk, and answered after it`() async throws {
    let scene = try await Scene()
    let first = try scene.post(0)
    scene.gate.awaitWaiting(1)
    let others = [try scene.post(1), try scene.post(0, to: "none"), try scene.post(1, acks: 1)]
    #expect(try scene.observer.fetch("t", 1, from: 1, waitMilliseconds: 30_000).batchOffsets.first == 1)
    #expect(!scene.client.hasNews())
    scene.gate.set(.pass)
    #expect(try scene.answer(first).baseOffset == 1)
    let answers = try others.map { try scene.answer($0) }
    #expect(answers.map(\.errorCode) == [.none, .unknownTopicOrPartition, .none])
    #expect(answers.map(\.baseOffset) == [1, -1, 2])
    await scene.broker.end()
  }

  @Test func `no more than so many wait, and all are answered`() async throws {
    let scene = try await Scene()
    var ids = [try scene.post(0)]
    scene.gate.awaitWaiting(1)
    while ids.count < BrokerLimits.unansweredRequests { ids.append(try scene.post(0)) }
    ids.append(try scene.post(1))
    try scene.settle()
    #expect(try scene.observer.fetch("t", 1, from: 1).batchOffsets == [])
    scene.gate.set(.pass)
    for id in ids { #expect(try scene.answer(id).errorCode == .none) }
    #expect(try scene.observer.fetch("t", 1, from: 1).batchOffsets == [1])
    await scene.broker.end()
  }

  @Test func `what is no Produce is answered behind it, and nothing is handled meanwhile`() async throws {
    let scene = try await Scene()
    let produced = try scene.post(0)
    scene.gate.awaitWaiting(1)
    let asked = try scene.client.post(MetadataRequest(), version: 4)
    let later = try scene.post(1)
    try scene.settle()
    #expect(!scene.client.hasNews())
    #expect(try scene.observer.fetch("t", 1, from: 1).batchOffsets == [])
    scene.gate.set(.pass)
    #expect(try scene.answer(produced).errorCode == .none)
    #expect(try !scene.client.answer(to: MetadataRequest.self, version: 4, correlationID: asked).brokers.isEmpty)
    #expect(try scene.answer(later).errorCode == .none)
    await scene.broker.end()
  }

  @Test func `who sends no more gets the answers that are missing`() async throws {
    let scene = try await Scene()
    let ids = [try scene.post(0), try scene.post(1)]
    scene.client.leave()
    try scene.settle()
    scene.gate.set(.pass)
    for id in ids { #expect(try scene.answer(id).errorCode == .none) }
    #expect(scene.client.isClosed())
    await scene.broker.end()
  }

  @Test func `who goes away takes nobody along`() async throws {
    let scene = try await Scene()
    _ = try scene.post(0)
    scene.gate.awaitWaiting(1)
    do {
      let leaver = scene.broker.client()
      for _ in 0..<3 {
        try leaver.post(WireClient.produceRequest(WireClient.batch([[2]]), to: "t", 1), version: 7)
      }
      try scene.settle()
    }
    scene.gate.set(.pass)
    #expect(try scene.observer.produce(WireClient.batch([[3]]), to: "t", 1).baseOffset == 4)
    await scene.broker.end()
  }
}
