import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// Fetch over loopback: what it answers, how much, and when.
@Suite("Fetch", .serialized) struct FetchTests {
  @Test("Whole batches from the one that holds the offset on, in every version that is served")
  func batches() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    for _ in 0..<3 { _ = try client.produce(WireClient.batch([[1], [2]]), to: "t") }
    for version: Int16 in 4...12 {
      let data = try client.fetch("t", from: 3, version: version)
      #expect(data.errorCode == .none)
      #expect(try data.batchOffsets == [2, 4])
      #expect(data.highWatermark == 6)
      #expect(data.lastStableOffset == 6)
    }
    await broker.end()
  }

  @Test("Pitfall 5: readers of committed records get an empty list of aborted transactions, others none")
  func abortedTransactions() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    #expect(try client.fetch("t", isolation: 0).abortedTransactions == nil)
    #expect(try client.fetch("t", isolation: 1).abortedTransactions == [])
    await broker.end()
  }

  @Test("Pitfall 6: one fetch reads of one segment")
  func oneSegment() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t", configs: ["segment.bytes": "1048576"])
    for _ in 0..<3 { _ = try client.produce(WireClient.batch(valueBytes: 400_000), to: "t") }
    #expect(try client.fetch("t", maxBytes: 50 << 20).batchOffsets == [0, 1])
    #expect(try client.fetch("t", from: 2, maxBytes: 50 << 20).batchOffsets == [2])
    await broker.end()
  }

  @Test("The first batch comes whole however little is asked for, and the second not in parts")
  func maximumBytes() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t", partitions: 2)
    for partition: Int32 in 0...1 {
      for _ in 0..<3 { _ = try client.produce(WireClient.batch(valueBytes: 1000), to: "t", partition) }
    }
    #expect(try client.fetch("t", maxBytes: 1).batchOffsets == [0])
    #expect(try client.fetch("t", maxBytes: 0).batchOffsets == [0])
    #expect(try client.fetch("t", maxBytes: 2200).batchOffsets == [0, 1])
    // Over all partitions: the second one gets nothing when the first has spent it.
    var request = WireClient.fetchRequest("t", maxBytes: 1)
    request.topics[0].partitions.append(request.topics[0].partitions[0])
    request.topics[0].partitions[1].partition = 1
    let answer = try client.ask(request, version: 11).responses[0].partitions
    #expect(answer.map { $0.records?.isEmpty } == [false, true])
    await broker.end()
  }

  @Test("Errors of a partition are answered at once, with -1 for each offset")
  func errors() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    _ = try client.produce(WireClient.batch([[1]]), to: "t")
    var epoch = WireClient.fetchRequest("t", waitMilliseconds: 20_000)
    epoch.topics[0].partitions[0].currentLeaderEpoch = 5
    let cases: [(FetchRequest, ErrorCode)] = [
      (WireClient.fetchRequest("t", from: 2, waitMilliseconds: 20_000), .offsetOutOfRange),
      (WireClient.fetchRequest("t", from: -1, waitMilliseconds: 20_000), .offsetOutOfRange),
      (WireClient.fetchRequest("none", waitMilliseconds: 20_000), .unknownTopicOrPartition),
      (WireClient.fetchRequest("t", 1, waitMilliseconds: 20_000), .unknownTopicOrPartition),
      (epoch, .unknownLeaderEpoch),
    ]
    for (request, code) in cases {
      let data = try #require(try client.ask(request, version: 11).responses.first?.partitions.first)
      #expect(data.errorCode == code)
      #expect([data.highWatermark, data.lastStableOffset, data.logStartOffset] == [-1, -1, -1])
      #expect(data.records?.isEmpty == true)
    }
    await broker.end()
  }

  @Test("There are no sessions: every answer says 0, and another one is not known")
  func sessions() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    var request = WireClient.fetchRequest("t")
    request.sessionID = 7
    request.sessionEpoch = 1
    #expect(try client.ask(request, version: 11).errorCode == .fetchSessionIDNotFound)
    request.sessionID = 0
    request.sessionEpoch = 0
    #expect(try client.ask(request, version: 11).errorCode == .none)
    await broker.end()
  }

  @Test(
    "A fetch waits for the bytes that it wants, over all its partitions, and answers what there is when its time is over"
  )
  func minimumBytes() async throws {
    let broker = try await BrokerScene.start()
    let (reader, writer) = (broker.client(), broker.client())
    try writer.make("t", partitions: 2)
    var request = WireClient.fetchRequest("t", minBytes: 1500, waitMilliseconds: 20_000)
    request.topics[0].partitions.append(request.topics[0].partitions[0])
    request.topics[0].partitions[1].partition = 1
    try reader.post(request, version: 11)
    _ = try writer.produce(WireClient.batch(valueBytes: 1000), to: "t", 0)
    #expect(!reader.hasNews())
    _ = try writer.produce(WireClient.batch(valueBytes: 1000), to: "t", 1)
    let answer = try reader.answer(to: FetchRequest.self, version: 11).responses[0].partitions
    #expect(answer.map { $0.records?.isEmpty } == [false, false])
    let impatient = try reader.fetch("t", minBytes: 100_000, waitMilliseconds: 50)
    #expect(try impatient.batchOffsets == [0])
    await broker.end()
  }

  @Test("A topic that is deleted wakes who waits at its end")
  func deletedTopic() async throws {
    let broker = try await BrokerScene.start()
    let (reader, writer) = (broker.client(), broker.client())
    try writer.make("t")
    try reader.post(WireClient.fetchRequest("t", waitMilliseconds: 20_000), version: 11)
    _ = try writer.ask(
      DeleteTopicsRequest {
        $0.topicNames = ["t"]
        $0.timeoutMilliseconds = 10_000
      }, version: 4)
    let answer = try reader.answer(to: FetchRequest.self, version: 11)
    #expect(answer.responses.first?.partitions.first?.errorCode == .unknownTopicOrPartition)
    await broker.end()
  }
}
