import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// Produce over loopback: what is taken, what is refused with which code, and when it is answered.
@Suite("Produce", .serialized) struct ProduceTests {
  @Test("A batch gets the next offset, in every version that is served")
  func offsets() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    for (index, version) in (Int16(3)...9).enumerated() {
      let answer = try client.produce(WireClient.batch([[1], [2]]), to: "t", version: version)
      #expect(answer.errorCode == .none)
      #expect(answer.baseOffset == Int64(index) * 2)
      #expect(answer.logAppendTimeMilliseconds == -1)
    }
    await broker.end()
  }

  @Test("Pitfall 11: every refusal has its code and the base offset -1, and the log is as it was")
  func refusals() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    try client.make("compact", configs: ["cleanup.policy": "compact"])
    let whole = WireClient.batch([[1]])
    let cases: [(String, String, Int32, Int16, [UInt8]?, ErrorCode)] = [
      ("unknown topic", "none", 0, -1, whole, .unknownTopicOrPartition),
      ("unknown partition", "t", 1, -1, whole, .unknownTopicOrPartition),
      ("negative partition", "t", -1, -1, whole, .unknownTopicOrPartition),
      ("acks 2", "t", 0, 2, whole, .invalidRequiredAcks),
      ("no records", "t", 0, -1, nil, .invalidRecord),
      ("empty records", "t", 0, -1, [], .invalidRecord),
      ("two batches", "t", 0, -1, whole + whole, .invalidRecord),
      ("a truncated batch", "t", 0, -1, Array(whole.dropLast(3)), .invalidRecord),
      ("an old format", "t", 0, -1, changed(whole, 16, to: 1), .invalidRecord),
      ("a wrong checksum", "t", 0, -1, changed(whole, 17, to: whole[17] ^ 1), .corruptMessage),
      ("an offset", "t", 0, -1, WireClient.batch([[1]]) { $0.baseOffset = 5 }, .invalidRecord),
      (
        "a control batch", "t", 0, -1, WireClient.batch([[1]]) { $0.attributes = RecordBatchHeader.controlBit },
        .invalidRecord
      ),
      ("a batch that is too large", "t", 0, -1, WireClient.batch(valueBytes: 1_048_600), .messageTooLarge),
      ("no key where keys are compacted", "compact", 0, -1, whole, .invalidRecord),
      ("a time two hours ahead", "t", 0, -1, ahead(), .invalidTimestamp),
    ]
    for (name, topic, partition, acks, records, code) in cases {
      let answer = try client.produce(records, to: topic, partition, acks: acks)
      #expect(answer.errorCode == code, "\(name)")
      #expect(answer.baseOffset == -1, "\(name)")
    }
    #expect(try client.produce(whole, to: "t").baseOffset == 0)
    await broker.end()
  }

  private func changed(_ batch: [UInt8], _ index: Int, to byte: UInt8) -> [UInt8] {
    var batch = batch
    batch[index] = byte
    return batch
  }

  private func ahead() -> [UInt8] {
    var builder = RecordBatchBuilder()
    builder.append(key: nil, value: [1], timestamp: .max / 2)
    return builder.finish()
  }

  @Test("acks=0 is not answered; what follows is, and an error ends the connection")
  func noAcknowledgement() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    try client.post(WireClient.produceRequest(WireClient.batch([[1]]), to: "t", acks: 0), version: 7)
    let answer = try client.produce(WireClient.batch([[2]]), to: "t")
    #expect(answer.baseOffset == 1)
    try client.post(WireClient.produceRequest(WireClient.batch([[1]]), to: "none", acks: 0), version: 7)
    #expect(client.isClosed())
    await broker.end()
  }

  @Test("Pitfall 7: acks=all waits for the sync, acks=1 does not, and no reader passes what is synced")
  func highWatermark() async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let (writer, reader) = (broker.client(), broker.client())
    try writer.make("t")
    files.set(.wait)
    #expect(try writer.produce(WireClient.batch([[1]]), to: "t", acks: 1).baseOffset == 0)
    files.awaitWaiting(1)
    try writer.post(WireClient.produceRequest(WireClient.batch([[2]]), to: "t"), version: 7)
    let early = try reader.fetch("t")
    #expect(early.highWatermark == 0)
    #expect(early.records?.isEmpty == true)
    #expect(try latest("t", reader) == 0)
    #expect(!writer.hasNews())
    try reader.post(WireClient.fetchRequest("t", waitMilliseconds: 20_000), version: 11)
    files.set(.pass)
    let answer = try writer.answer(to: ProduceRequest.self, version: 7)
    #expect(answer.responses.first?.partitionResponses.first?.baseOffset == 1)
    let woken = try reader.answer(to: FetchRequest.self, version: 11).responses.first?.partitions.first
    #expect(try woken?.batchOffsets.first == 0)
    #expect(try latest("t", reader) == 2)
    await broker.end()
  }

  private func latest(_ topic: String, _ client: WireClient) throws -> Int64? {
    let response = try client.ask(
      ListOffsetsRequest { request in
        request.topics = [
          ListOffsetsRequest.Topic { wanted in
            wanted.name = topic
            wanted.partitions = [ListOffsetsRequest.Partition { $0.timestamp = -1 }]
          }
        ]
      }, version: 5)
    return response.topics.first?.partitions.first?.offset
  }

  @Test("A topic's own flush.messages and flush.ms answer before the sync", arguments: ["flush.messages", "flush.ms"])
  func ownFlush(_ config: String) async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let client = broker.client()
    try client.make("t", configs: [config: "1000000"])
    files.set(.wait)
    #expect(try client.produce(WireClient.batch([[1]]), to: "t").baseOffset == 0)
    #expect(try client.fetch("t").batchOffsets == [0])
    files.set(.pass)
    await broker.end()
  }

  @Test(
    "A durability beside group answers before the sync",
    arguments: [FlushPolicy.never, .interval(milliseconds: 1_000_000)])
  func durability(_ policy: FlushPolicy) async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files) { $0.durability = policy }
    let client = broker.client()
    try client.make("t")
    files.set(.wait)
    #expect(try client.produce(WireClient.batch([[1]]), to: "t").baseOffset == 0)
    files.set(.pass)
    await broker.end()
  }

  @Test("A batch that was sent again is answered with its first offset; a gap is 45, an older epoch 47")
  func idempotence() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let given = try client.ask(InitProducerIDRequest { $0.transactionTimeoutMilliseconds = 60_000 }, version: 4)
    #expect(given.errorCode == .none)
    func batch(_ sequence: Int32, epoch: Int16 = 1) -> [UInt8] {
      WireClient.batch([[1], [2]]) {
        $0.producerID = given.producerID
        $0.producerEpoch = epoch
        $0.baseSequence = sequence
      }
    }
    #expect(try client.produce(batch(0), to: "t").baseOffset == 0)
    #expect(try client.produce(batch(2), to: "t").baseOffset == 2)
    #expect(try client.produce(batch(0), to: "t").baseOffset == 0)
    #expect(try client.produce(batch(8), to: "t").errorCode == .outOfOrderSequenceNumber)
    #expect(try client.produce(batch(4, epoch: 0), to: "t").errorCode == .invalidProducerEpoch)
    #expect(try client.produce(batch(4), to: "t").baseOffset == 4)
    let other = try broker.client().ask(InitProducerIDRequest { $0.transactionTimeoutMilliseconds = 1 }, version: 0)
    #expect(other.producerID != given.producerID)
    await broker.end()
  }
}
