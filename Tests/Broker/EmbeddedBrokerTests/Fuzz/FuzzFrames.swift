import KafkaWire
import SimulationKit

/// Requests of all kinds that a broker offers, whole and damaged, and such as clients have sent, damaged.
struct FuzzFrames {
  private let captured: [[UInt8]]
  /// Names that the broker has given: of members.
  private(set) var known: [String] = []

  init() throws {
    captured =
      try CapturedFrame.read("../shared/broker-conformance/frames.jsonl")?.map { HexadecimalText.bytes($0.req) } ?? []
  }

  private static let requests: [any WireRequest.Type] = [
    ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self, MetadataRequest.self, FindCoordinatorRequest.self,
    ApiVersionsRequest.self, InitProducerIDRequest.self, OffsetCommitRequest.self, OffsetFetchRequest.self,
    JoinGroupRequest.self, HeartbeatRequest.self, LeaveGroupRequest.self, SyncGroupRequest.self,
    DescribeGroupsRequest.self, ListGroupsRequest.self, DeleteGroupsRequest.self, OffsetDeleteRequest.self,
    OffsetForLeaderEpochRequest.self, DescribeConfigsRequest.self, DescribeLogDirsRequest.self,
    DescribeClusterRequest.self, DescribeProducersRequest.self, DeleteRecordsRequest.self,
  ]
  /// Each waits for the disk: they come more rarely.
  private static let changes: [any WireRequest.Type] = [
    CreateTopicsRequest.self, DeleteTopicsRequest.self, CreatePartitionsRequest.self, AlterConfigsRequest.self,
    IncrementalAlterConfigsRequest.self,
  ]

  /// The next request's frame, without its length.
  func next(using generator: inout SeededGenerator) throws -> [UInt8] {
    if !captured.isEmpty, generator.isOne(in: 4) {
      var frame = captured[Int.random(in: captured.indices, using: &generator)]
      Mutation.damage(&frame, using: &generator)
      return frame
    }
    let kinds = generator.isOne(in: 50) ? Self.changes : Self.requests
    let index =
      generator.isOne(in: 2) ? Int.random(in: 0..<2, using: &generator) : .random(in: kinds.indices, using: &generator)
    var frame = try encode(kinds[index], &generator)
    if generator.isOne(in: 2) { Mutation.damage(&frame, using: &generator) }
    return frame
  }

  private func encode<Request: WireRequest>(
    _: Request.Type, _ generator: inout SeededGenerator
  ) throws -> [UInt8] {
    var versions = APITable.entry(for: Request.key).versions
    if Request.key == .produce { versions = 3...versions.upperBound }
    let version = Int16.random(in: versions, using: &generator)
    var request: any WireRequest = try PlausibleCoder.message(
      Request.self, version: version, known: known, using: &generator)
    // What waits for others waits for moments only: there is nobody to wait for.
    if var fetch = request as? FetchRequest {
      fetch.maxWaitMilliseconds = 1
      fetch.sessionID = generator.isOne(in: 20) ? fetch.sessionID : 0
      request = fetch
    }
    if var produce = request as? ProduceRequest {
      // An error without an answer ends the connection, and with it what could be learnt.
      produce.acks = generator.isOne(in: 20) ? 0 : -1
      request = produce
    }
    if var join = request as? JoinGroupRequest {
      join.rebalanceTimeoutMilliseconds = 10
      join.sessionTimeoutMilliseconds = 6_000
      join.protocolType = "consumer"
      request = join
    }
    var frame: [UInt8] = []
    try RequestHeader(key: Request.key, version: version, correlationID: 1, clientID: "fuzz").encode(into: &frame)
    try request.encode(into: &frame, version: version)
    return frame
  }

  /// Learns what an answer to the frame names.
  mutating func learn(from answer: [UInt8], to frame: [UInt8]) {
    guard let (header, _) = try? RequestHeader.decode(frame[...]), header.key == .joinGroup,
      let (_, body) = try? ResponseHeader.decode(answer[...], key: .joinGroup, version: header.version),
      let joined = try? JoinGroupResponse.decode(body, version: header.version), !joined.memberID.isEmpty
    else { return }
    known.append(joined.memberID)
    if known.count > 8 { known.removeFirst() }
  }
}
