import KafkaWire
import Testing

@testable import EmbeddedBroker

/// OffsetForLeaderEpoch over loopback: the only epoch there is ends where readers end.
@Suite("OffsetForLeaderEpoch", .serialized) struct OffsetForLeaderEpochTests {
  @Test("The epoch 0 ends at the high watermark; others have no end; what is not there, and another leader, are errors")
  func epochs() async throws {
    let files = GatedFiles()
    let broker = try await BrokerScene.start(files: files)
    let client = broker.client()
    try client.make("t")
    for _ in 0..<3 { _ = try client.produce(WireClient.batch([[1], [2]]), to: "t") }
    for version: Int16 in 2...4 {
      let known = try ask(client, "t", 0, version: version)
      #expect(known.errorCode == .none)
      #expect([Int64(known.leaderEpoch), known.endOffset] == [0, 6])
      for epoch: Int32 in [1, -1, .max, .min] {
        let unknown = try ask(client, "t", epoch, version: version)
        #expect(unknown.errorCode == .none)
        #expect([Int64(unknown.leaderEpoch), unknown.endOffset] == [-1, -1])
      }
      #expect(try ask(client, "none", 0, version: version).errorCode == .unknownTopicOrPartition)
      #expect(try ask(client, "t", 0, currentEpoch: 0, version: version).errorCode == .none)
      let other = try ask(client, "t", 0, currentEpoch: 1, version: version)
      #expect(other.errorCode == .unknownLeaderEpoch)
      #expect([Int64(other.leaderEpoch), other.endOffset] == [-1, -1])
    }
    // What no sync has covered is no end.
    files.set(.wait)
    #expect(try client.produce(WireClient.batch([[3]]), to: "t", acks: 1).baseOffset == 6)
    #expect(try ask(client, "t", 0, version: 4).endOffset == 6)
    files.set(.pass)
    await broker.end()
  }

  private func ask(
    _ client: WireClient, _ topic: String, _ epoch: Int32, currentEpoch: Int32 = -1, version: Int16
  ) throws -> OffsetForLeaderEpochResponse.EpochEndOffset {
    let request = OffsetForLeaderEpochRequest { request in
      request.topics = [
        OffsetForLeaderEpochRequest.Topic {
          $0.topic = topic
          $0.partitions = [
            OffsetForLeaderEpochRequest.Partition {
              $0.currentLeaderEpoch = currentEpoch
              $0.leaderEpoch = epoch
            }
          ]
        }
      ]
    }
    return try #require(try client.ask(request, version: version).topics.first?.partitions.first)
  }
}
