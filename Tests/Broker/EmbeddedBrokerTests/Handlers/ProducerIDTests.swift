import Glibc
import KafkaWire
import PartitionLog
import RealServers
import Streams
import Testing

@testable import EmbeddedBroker

/// The built program, asked for ever more producer ids and killed in between.
///
/// `MILLRACE_PRODUCER_IDS` sets how many ids are asked for.
@Suite("Producer ids", .serialized, .enabled(if: BrokerFixture.isAvailable, "the program is not built"))
struct ProducerIDTests {
  static let count = getenv("MILLRACE_PRODUCER_IDS").flatMap { Int(String(cString: $0)) } ?? 24_000

  @Test("K63: no id is given twice, over kills too, and any number of producers takes bounded memory")
  func ids() async throws {
    let broker = try await BrokerFixture.start(words: ["--durability", "os"])
    defer { broker.stop() }
    let address = try #require(StreamAddress(broker.bootstrapServers))
    try WireClient(address).make("t")
    var last: Int64 = -1
    var highest = 0
    for _ in 0..<4 {
      let client = WireClient(address)
      for _ in 0..<Self.count / 4_000 {
        let ids = try ask(client, 1_000)
        // Asked for by one client they grow: none comes again.
        #expect(ids.first.map { $0 > last } == true && zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        last = ids.last ?? last
        try append(client, ids)
        highest = max(highest, ResidentMemory.bytes(of: broker.processID))
      }
      let known = try producerCount(client)
      #expect(known > 0 && known <= LogLimits.producersPerPartition)
      try await broker.kill()
      try await broker.resume()
    }
    #expect(last >= Int64(Self.count - 1))
    print("\(Self.count) producers: at most \(highest >> 20) MiB were resident")
    #expect(highest < 300 << 20)
    #expect(try await broker.terminate() == 0)
  }

  private func ask(_ client: WireClient, _ count: Int) throws -> [Int64] {
    let request = InitProducerIDRequest { $0.transactionTimeoutMilliseconds = 60_000 }
    let posted = try (0..<count).map { _ in try client.post(request, version: 4) }
    return try posted.map { id in
      let answer = try client.answer(to: InitProducerIDRequest.self, version: 4, correlationID: id)
      #expect(answer.errorCode == .none && answer.producerEpoch == 0)
      return answer.producerID
    }
  }

  /// A batch of each producer.
  private func append(_ client: WireClient, _ ids: [Int64]) throws {
    let posted = try ids.map { id in
      let batch = WireClient.batch([[1]]) {
        $0.producerID = id
        $0.producerEpoch = 0
        $0.baseSequence = 0
      }
      return try client.post(WireClient.produceRequest(batch, to: "t"), version: 7)
    }
    for id in posted {
      let answer = try client.answer(to: ProduceRequest.self, version: 7, correlationID: id)
      #expect(answer.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
    }
  }

  private func producerCount(_ client: WireClient) throws -> Int {
    let request = DescribeProducersRequest { request in
      request.topics = [
        DescribeProducersRequest.Topic {
          $0.name = "t"
          $0.partitionIndexes = [0]
        }
      ]
    }
    return try client.ask(request, version: 0).topics.first?.partitions.first?.activeProducers.count ?? 0
  }
}
