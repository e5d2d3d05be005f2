import FoundationEssentials
import KafkaWire
import RealServers
import Testing

@testable import EmbeddedBroker

/// Groups of a whole broker over its restart, and what is left of them on the disk.
@Suite(.timeLimit(.minutes(2))) struct GroupsRestartTests {
  /// A group of one member that has committed, as versions of common clients speak.
  private struct Member {
    let group: String
    let joined: JoinGroupResponse

    init(_ client: WireClient, _ group: String, instance: String? = nil) throws {
      self.group = group
      var id = ""
      var last: JoinGroupResponse
      repeat {
        last = try client.ask(
          JoinGroupRequest {
            $0.groupID = group
            $0.sessionTimeoutMilliseconds = 30_000
            $0.rebalanceTimeoutMilliseconds = 30_000
            $0.memberID = id
            $0.groupInstanceID = instance
            $0.protocolType = "consumer"
            // The consumer protocol's version, one topic, no more.
            $0.protocols = [
              JoinGroupRequest.GroupProtocol {
                $0.name = "range"
                $0.metadata = [0, 1, 0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 0, 0, 0, 0, 0]
              }
            ]
          }, version: 5)
        id = last.memberID
      } while last.errorCode == .memberIDRequired
      joined = last
    }

    func sync(_ client: WireClient) throws -> SyncGroupResponse {
      try client.ask(
        SyncGroupRequest {
          $0.groupID = group
          $0.generationID = joined.generationID
          $0.memberID = joined.memberID
          $0.assignments = [
            SyncGroupRequest.Assignment {
              $0.memberID = joined.memberID
              // The consumer protocol's version, one topic of one partition, no more.
              $0.assignment = [0, 1, 0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
            }
          ]
        }, version: 3)
    }

    func heartbeat(_ client: WireClient) throws -> ErrorCode {
      try client.ask(
        HeartbeatRequest {
          $0.groupID = group
          $0.generationID = joined.generationID
          $0.memberID = joined.memberID
        }, version: 3
      ).errorCode
    }

    func commit(_ client: WireClient, _ offset: Int64) throws -> ErrorCode {
      let request = GroupsCoordinatorScene.commit(
        group, offset, member: joined.memberID, generation: joined.generationID, note: "a note")
      return try client.ask(request, version: 7).topics[0].partitions[0].errorCode
    }
  }

  private func committed(_ client: WireClient, _ group: String) throws -> Int64 {
    let request = OffsetFetchRequest {
      $0.groupID = group
      $0.topics = nil
    }
    return try client.ask(request, version: 5).topics.first?.partitions.first?.committedOffset ?? -1
  }

  /// Goal: a broker that is started again is no rebalance for who is at work, and no offset is lost.
  @Test func `members go on after a start`() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let member = try Member(client, "g")
    let part = try member.sync(client).assignment
    #expect(!part.isEmpty)
    #expect(try member.commit(client, 7) == ErrorCode.none)
    await broker.stop()

    let again = try await BrokerScene.start(in: broker.directory)
    let other = again.client()
    #expect(try committed(other, "g") == 7)
    #expect(try member.heartbeat(other) == ErrorCode.none)
    #expect(try member.sync(other).assignment == part)
    #expect(try member.commit(other, 8) == ErrorCode.none)
    #expect(try committed(other, "g") == 8)
    await again.end()
  }

  /// Apache Kafka reads the log of groups, and says of it what happened.
  @Test(.enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)))
  func `Apache Kafka reads the log of groups`() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let member = try Member(client, "workers", instance: "one")
    #expect(try member.sync(client).errorCode == ErrorCode.none)
    #expect(try member.commit(client, 42) == ErrorCode.none)
    let simple = GroupsCoordinatorScene.commit("gone", 5)
    #expect(try client.ask(simple, version: 7).topics[0].partitions[0].errorCode == ErrorCode.none)
    let deleted = try client.ask(DeleteGroupsRequest { $0.groupNames = ["gone"] }, version: 1)
    #expect(deleted.results[0].errorCode == ErrorCode.none)
    await broker.stop()

    let output = "\(broker.directory)-dump.txt"
    defer { try? FileManager.default.removeItem(atPath: output) }
    let log = "\(broker.directory)/__consumer_offsets-0/00000000000000000000.log"
    try await ApacheKafkaFixture.runTool(["dump", "--files", log, "--offsets-decoder"], outputPath: output)
    let said = try String(contentsOfFile: output, encoding: .utf8)
    for part in [
      "\"group\":\"workers\"", "\"topic\":\"t\"", "\"partition\":0", "\"offset\":42", "\"metadata\":\"a note\"",
      "\"protocolType\":\"consumer\"", "\"generation\":1", "\"groupInstanceId\":\"one\"", "\"protocol\":\"range\"",
      "\"group\":\"gone\"", "payload: <DELETE>",
    ] {
      #expect(said.contains(part), "\(part) in \(said.suffix(3_000))")
    }
    #expect(!said.contains("Could not") && !said.contains("Exception"), "\(said.suffix(3_000))")
    try? FileManager.default.removeItem(atPath: broker.directory)
  }
}
