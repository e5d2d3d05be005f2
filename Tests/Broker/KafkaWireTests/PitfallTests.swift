import KafkaWire
import SimulationKit
import Testing

/// The places of the protocol where other brokers went wrong, byte by byte.
@Suite struct PitfallTests {
  private func bytes<Message: WireMessage>(_ message: Message, version: Int16) throws -> String {
    var output: [UInt8] = []
    try message.encode(into: &output, version: version)
    return HexadecimalText.text(output)
  }

  private func frame<Message: WireMessage>(_ message: Message, version: Int16) throws -> String {
    var output: [UInt8] = []
    try message.encodeFrame(answering: 7, version: version, into: &output)
    return HexadecimalText.text(output)
  }

  private func decode<Message: WireMessage>(_ type: Message.Type, _ text: String, version: Int16) throws -> Message {
    try Message.decode(HexadecimalText.bytes(text)[...], version: version)
  }

  /// librdkafka before 2.2 reads a tagged field wrongly, and nobody knows the broker's versions before this answer.
  @Test(arguments: [Int16(3), 4])
  func `pitfall 1: the answer to ApiVersions has a header without tags and a body without tagged fields`(version: Int16)
    throws
  {
    let answer = ApiVersionsResponse {
      $0.apiKeys = [
        ApiVersionsResponse.Versions {
          $0.apiKey = 18
          $0.maxVersion = 4
        }
      ]
    }
    #expect(
      try frame(answer, version: version)
        == "00000013" + "00000007" + "0000" + "02" + "0012" + "0000" + "0004" + "00" + "00000000" + "00")
    // Every other answer of a flexible version has tags in its header.
    #expect(try frame(HeartbeatResponse(), version: 4) == "0000000c" + "00000007" + "00" + "00000000" + "0000" + "00")
    #expect(try frame(HeartbeatResponse(), version: 3) == "0000000a" + "00000007" + "00000000" + "0000")
  }

  @Test func `pitfall 22: an answer to an unknown version of ApiVersions is that of version 0`() throws {
    let (header, body) = try RequestHeader.decode(
      HexadecimalText.bytes("0012" + "0009" + "00000007" + "0001" + "61" + "00" + "0102" + "0103" + "00")[...])
    #expect(header == RequestHeader(key: .apiVersions, version: 9, correlationID: 7, clientID: "a"))
    #expect(body.count == 5)
    let answer = ApiVersionsResponse {
      $0.errorCode = .unsupportedVersion
      $0.apiKeys = [
        ApiVersionsResponse.Versions {
          $0.apiKey = APIKey.apiVersions.rawValue
          $0.maxVersion = 4
        }
      ]
    }
    #expect(try frame(answer, version: 0) == "00000010" + "00000007" + "0023" + "00000001" + "0012" + "0000" + "0004")
  }

  /// librdkafka takes a broker without Produce 0 to know no compression (KAFKA-18659), and one without
  /// FindCoordinator 0 to know no groups.
  @Test func `pitfalls 2 and 3: the oldest versions of Produce and FindCoordinator are advertised and decoded`() throws
  {
    let versions = Dictionary(uniqueKeysWithValues: APITable.advertised.map { ($0.key, $0.versions) })
    #expect(versions[.produce]?.lowerBound == 0)
    #expect(versions[.findCoordinator]?.lowerBound == 0)
    let produce = try decode(
      ProduceRequest.self,
      "ffff" + "000003e8" + "00000001" + "0001" + "74" + "00000001" + "00000000" + "00000002" + "0102", version: 2)
    #expect(produce.transactionalID == nil)
    #expect(produce.acks == -1)
    #expect(produce.topicData.first?.partitionData.first?.records == [1, 2])
    let find = try decode(FindCoordinatorRequest.self, "0001" + "67", version: 0)
    #expect(find.coordinatorKey == "g")
    #expect(find.keyType == 0)
    let found = FindCoordinatorResponse {
      $0.nodeID = 1
      $0.host = "h"
      $0.port = 9092
    }
    #expect(try bytes(found, version: 0) == "0000" + "00000001" + "0001" + "68" + "00002384")
  }

  @Test func `transactions and SASL are not advertised`() {
    let hidden = APITable.entries.filter { $0.offer == .codecOnly }.map(\.key.rawValue)
    #expect(hidden == [17, 24, 25, 26, 28, 36, 65, 66])
    #expect(APITable.advertised.count == 28)
  }

  @Test func `pitfall 4: a list that is null is not a list that is empty`() throws {
    // Metadata: null is every topic since version 1; version 0 has no null.
    #expect(try decode(MetadataRequest.self, "ffffffff", version: 1).topics == nil)
    #expect(try decode(MetadataRequest.self, "00000000", version: 1).topics == [])
    #expect(try decode(MetadataRequest.self, "00000000", version: 0).topics == [])
    #expect(throws: WireError.self) { try decode(MetadataRequest.self, "ffffffff", version: 0) }
    #expect(throws: WireError.self) { try bytes(MetadataRequest(), version: 0) }
    #expect(try decode(MetadataRequest.self, "00" + "00" + "00" + "00", version: 12).topics == nil)
    #expect(try decode(MetadataRequest.self, "01" + "00" + "00" + "00", version: 12).topics == [])
    // OffsetFetch: null is every topic since version 2.
    #expect(try decode(OffsetFetchRequest.self, "0001" + "67" + "ffffffff", version: 2).topics == nil)
    #expect(throws: WireError.self) { try decode(OffsetFetchRequest.self, "0001" + "67" + "ffffffff", version: 1) }
  }

  @Test func `pitfall 4: a string that is null is not a string that is empty`() throws {
    let answer = MetadataResponse { $0.topics = [MetadataResponse.Topic { $0.name = nil }] }
    #expect(throws: WireError.self) { try bytes(answer, version: 11) }
    #expect(try bytes(answer, version: 12).contains("0000" + "00" + "00000000"))
    let error = CreateTopicsResponse { $0.topics = [CreateTopicsResponse.TopicResponse()] }
    #expect(try bytes(error, version: 2).hasSuffix("0000" + "0000" + "ffff"))
    #expect(
      try decode(
        JoinGroupResponse.self, "00000000" + "0000" + "00000001" + "00" + "00" + "01" + "01" + "01" + "00", version: 7
      ).protocolName == nil)
    #expect(throws: WireError.self) {
      try decode(
        JoinGroupResponse.self, "00000000" + "0000" + "00000001" + "00" + "01" + "01" + "01" + "00", version: 6)
    }
  }

  /// Readers of everything are told null, readers of committed records a list, be it empty.
  @Test func `pitfall 5: no list of aborted transactions is not an empty list`() throws {
    func answer(_ list: [FetchResponse.AbortedTransaction]?) -> FetchResponse {
      FetchResponse {
        $0.responses = [
          FetchResponse.TopicResponse {
            $0.topic = "t"
            $0.partitions = [
              FetchResponse.PartitionData {
                $0.abortedTransactions = list
                $0.records = []
              }
            ]
          }
        ]
      }
    }
    let start = "00000000" + "00000001" + "0001" + "74" + "00000001" + "00000000" + "0000"
    let offsets = "ffffffffffffffff" + "ffffffffffffffff"
    #expect(try bytes(answer(nil), version: 4) == start + offsets + "ffffffff" + "00000000")
    #expect(try bytes(answer([]), version: 4) == start + offsets + "00000000" + "00000000")
  }

  @Test func `pitfall 11: an answer with an error has the base offset -1`() throws {
    #expect(ProduceResponse.PartitionResponse().baseOffset == -1)
    #expect(ListOffsetsResponse.PartitionResponse().offset == -1)
  }

  @Test func `the header of an unknown API is read as far as it is known`() throws {
    let (header, body) = try RequestHeader.decode(HexadecimalText.bytes("03e7" + "0000" + "00000001" + "0005")[...])
    #expect(header.key == nil)
    #expect(header.rawKey == 999)
    #expect(header.correlationID == 1)
    #expect(body.count == 2)
  }

  @Test func `tagged fields that nobody knows are passed over by their whole length`() throws {
    let (header, body) = try RequestHeader.decode(
      HexadecimalText.bytes(
        "000c" + "0004" + "00000001" + "ffff" + "02" + "00" + "01" + "aa" + "8001" + "02" + "bbcc" + "0267")[...])
    #expect(header.clientID == nil)
    #expect(Array(body) == [2, 0x67])
    let asked = try decode(
      HeartbeatRequest.self, "0267" + "00000001" + "026d" + "00" + "01" + "05" + "03" + "010203", version: 4)
    #expect(asked.memberID == "m")
  }
}
