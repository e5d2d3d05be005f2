import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// Members that come and go over loopback, while others work and one speaks of times that have passed.
@Suite("Groups under churn", .serialized) struct GroupsChurnTests {
  /// A member with a connection of its own.
  private final class Member {
    let client: WireClient
    var id = ""
    var generation: Int32 = -1
    var parts: ArraySlice<UInt8> = []
    private var posted: Int32 = 0

    init(_ client: WireClient) { self.client = client }

    func postJoin(rebalanceMilliseconds: Int32 = 30_000) throws {
      let request = JoinGroupRequest {
        $0.groupID = "g"
        $0.sessionTimeoutMilliseconds = 30_000
        $0.rebalanceTimeoutMilliseconds = rebalanceMilliseconds
        $0.memberID = id
        $0.protocolType = "consumer"
        $0.protocols = [JoinGroupRequest.GroupProtocol { $0.name = "range" }]
      }
      // Version 3 names a member at once.
      posted = try client.post(request, version: 3)
    }

    func hearJoin() throws -> JoinGroupResponse {
      let joined = try client.answer(to: JoinGroupRequest.self, version: 3, correlationID: posted)
      #expect(joined.errorCode == .none)
      (id, generation) = (joined.memberID, joined.generationID)
      return joined
    }

    func sync(_ members: [Member]) throws {
      let response = try client.ask(
        SyncGroupRequest { request in
          request.groupID = "g"
          request.generationID = generation
          request.memberID = id
          // Partition 0 belongs to the first, 1 to the second.
          request.assignments = members.enumerated().map { index, member in
            SyncGroupRequest.Assignment {
              $0.memberID = member.id
              $0.assignment = [UInt8(index)]
            }
          }
        }, version: 3)
      #expect(response.errorCode == .none)
      parts = response.assignment
    }

    func heartbeat() throws -> ErrorCode {
      try client.ask(
        HeartbeatRequest {
          $0.groupID = "g"
          $0.memberID = id
          $0.generationID = generation
        }, version: 3
      ).errorCode
    }

    func commit(_ offset: Int64, _ partition: Int32, generation: Int32? = nil) throws -> ErrorCode {
      let request = GroupsCoordinatorScene.commit(
        "g", offset, partition: partition, member: id, generation: generation ?? self.generation)
      return try client.ask(request, version: 7).topics[0].partitions[0].errorCode
    }

    func leave() throws -> ErrorCode {
      let request = LeaveGroupRequest {
        $0.groupID = "g"
        $0.memberID = id
      }
      return try client.ask(request, version: 2).errorCode
    }
  }

  private func committed(_ client: WireClient) throws -> [Int64] {
    let request = OffsetFetchRequest {
      $0.groupID = "g"
      $0.topics = nil
    }
    let partitions = try client.ask(request, version: 5).topics.first?.partitions ?? []
    return partitions.sorted { $0.partitionIndex < $1.partitionIndex }.map(\.committedOffset)
  }

  @Test("K65: over a thousand joins and leaves no offset goes back, and no partition has owners in two generations")
  func churn() async throws {
    let broker = try await BrokerScene.start { $0.durability = .never }
    let observer = broker.client()
    try observer.make("t", partitions: 2)
    let stable = Member(broker.client())
    try stable.postJoin()
    _ = try stable.hearJoin()
    try stable.sync([stable])
    var generation = stable.generation
    let guest = Member(broker.client())
    for round in 1...Int64(350) {
      guest.id = ""
      try guest.postJoin()
      // The group waits for the one that works; it learns of it by its heartbeat.
      while try stable.heartbeat() == .none {}
      #expect(try stable.commit(2 * round - 1, 0) == .none, "who works may still commit before it joins again")
      try stable.postJoin()
      _ = (try stable.hearJoin(), try guest.hearJoin())
      #expect(stable.generation == guest.generation && stable.generation > generation)
      generation = stable.generation
      try stable.sync([stable, guest])
      try guest.sync([])
      #expect(stable.parts == [0] && guest.parts == [1])
      #expect(try guest.commit(round, 1) == .none)
      #expect(try stable.commit(0, 0, generation: generation - 1) == .illegalGeneration)
      #expect(try committed(observer) == [2 * round - 1, round])
      #expect(try guest.leave() == .none)
      #expect(try guest.commit(0, 1) == .unknownMemberID)
      #expect(try stable.heartbeat() == .rebalanceInProgress)
      try stable.postJoin()
      #expect(try stable.hearJoin().members.count == 1)
      generation = stable.generation
      try stable.sync([stable])
      #expect(try stable.commit(2 * round, 0) == .none)
    }
    #expect(try committed(observer) == [700, 350])
    await broker.end()
  }

  @Test("K65: a member that is frozen while the group goes on is fenced: what it commits then is refused")
  func frozen() async throws {
    let broker = try await BrokerScene.start()
    let observer = broker.client()
    try observer.make("t", partitions: 2)
    let (frozen, other) = (Member(broker.client()), Member(broker.client()))
    try frozen.postJoin(rebalanceMilliseconds: 200)
    _ = try frozen.hearJoin()
    try frozen.sync([frozen])
    #expect(try frozen.commit(5, 0) == .none)
    // The group waits for the frozen one as long as it has asked for, then goes on without it.
    try other.postJoin(rebalanceMilliseconds: 200)
    #expect(try other.hearJoin().members.count == 1)
    try other.sync([other])
    #expect(try other.commit(9, 0) == .none)
    #expect(try frozen.commit(6, 0) == .unknownMemberID)
    #expect(try frozen.heartbeat() == .unknownMemberID)
    #expect(try committed(observer).first == 9)
    await broker.end()
  }
}
