import KafkaWire
import Testing

@testable import EmbeddedBroker

/// Records go to a client in pieces, as it takes them.
@Suite("Slow consumers", .serialized) struct SlowConsumerTests {
  @Test("Pitfall 17: who asks for much and reads nothing holds little of it in the broker")
  func slowConsumers() async throws {
    let broker = try await BrokerScene.start()
    let writer = broker.client()
    try writer.make("t")
    let batch = WireClient.batch(valueBytes: 1_000_000)
    for _ in 0..<24 { _ = try writer.produce(batch, to: "t") }
    let before = ResidentMemory.bytes()
    let patient = broker.client()
    try patient.post(WireClient.fetchRequest("t", maxBytes: 50 << 20), version: 11)
    let slow = (0..<20).map { _ in WireClient(broker.address, receiveBufferBytes: 4096) }
    for client in slow { try client.post(WireClient.fetchRequest("t", maxBytes: 50 << 20), version: 11) }
    // Each has got the start of its answer, so that the broker has done what it does for it.
    #expect(slow.allSatisfy { $0.receive(4) != nil })
    #expect(ResidentMemory.bytes() - before < 60 << 20, "of 500 MB that were asked for")
    // And who reads gets all of it.
    let answer = try patient.answer(to: FetchRequest.self, version: 11)
    #expect(try answer.responses.first?.partitions.first?.batchOffsets == Array(0..<24))
    withExtendedLifetime(slow) {}
    await broker.end()
  }

  @Test("An answer in pieces is one of whole batches, over partitions with much, little and nothing", arguments: 4...12)
  func mixedPartitions(_ version: Int) async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t", partitions: 4)
    let large = WireClient.batch(valueBytes: 100_000)
    for _ in 0..<10 { _ = try client.produce(large, to: "t", 0) }
    _ = try client.produce(WireClient.batch([[1]]), to: "t", 1)
    for _ in 0..<10 { _ = try client.produce(large, to: "t", 3) }
    var request = WireClient.fetchRequest("t", maxBytes: 1_450_000)
    request.topics[0].partitions = (Int32(0)..<4).map { index in
      FetchRequest.Partition {
        $0.partition = index
        $0.partitionMaxBytes = 950_000
      }
    }
    let answer = try client.ask(request, version: Int16(version)).responses[0].partitions
    // The first is cut by its own limit, the last by what is left of the whole.
    #expect(try answer.map { try $0.batchOffsets.count } == [9, 1, 0, 5])
    #expect(answer[0].records.map { Array($0.suffix(1000)) } == Array(large.suffix(1000)))
    #expect(answer.map(\.highWatermark) == [10, 1, 0, 10])
    // The connection goes on.
    #expect(try client.fetch("t", 1).batchOffsets == [0])
    await broker.end()
  }

  @Test("Requests behind an answer in pieces wait for its end")
  func pipelined() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let batch = WireClient.batch(valueBytes: 1_000_000)
    for _ in 0..<4 { _ = try client.produce(batch, to: "t") }
    let ids = try (0..<3).map { _ in
      (
        try client.post(WireClient.fetchRequest("t", maxBytes: 50 << 20), version: 11),
        try client.post(MetadataRequest { $0.topics = [] }, version: 5)
      )
    }
    for (fetch, metadata) in ids {
      let answer = try client.answer(to: FetchRequest.self, version: 11, correlationID: fetch)
      #expect(try answer.responses.first?.partitions.first?.batchOffsets == [0, 1, 2, 3])
      _ = try client.answer(to: MetadataRequest.self, version: 5, correlationID: metadata)
    }
    await broker.end()
  }
}
