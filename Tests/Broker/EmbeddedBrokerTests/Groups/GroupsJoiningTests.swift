import KafkaWire
import Testing

@testable import EmbeddedBroker

/// How members come into a group: transcripts, each answer as Apache Kafka gives it.
@Suite struct GroupsJoiningTests {
  /// A client that can be told its name joins with it; until then it is no member.
  @Test func `a new member is named first`() {
    let scene = GroupScene()
    let named = scene.joined(scene.join(naming: .namedFirst))
    #expect(named?.code == .memberIDRequired)
    #expect(named?.memberID == "m1")
    #expect(named?.generation == -1)
    #expect(scene.group.state == .empty)
    let joined = scene.joined(scene.join("m1", naming: .namedFirst))
    #expect(joined?.code == ErrorCode.none)
    #expect(joined?.generation == 1)
    #expect(joined?.leaderID == "m1")
    #expect(joined?.protocolName == "range")
    #expect(joined?.members.map(\.memberID) == ["m1"])
    #expect(scene.group.state == .completing)
  }

  @Test func `a name that is not used runs out`() {
    let scene = GroupScene()
    scene.join(naming: .namedFirst, session: 6_000)
    scene.pass(.seconds(6))
    #expect(scene.group.pending.isEmpty)
    #expect(scene.joined(scene.join("m1"))?.code == .unknownMemberID)
  }

  @Test func `who is not known or does not fit is refused`() {
    let scene = GroupScene()
    #expect(scene.joined(scene.join("bogus"))?.code == .unknownMemberID)
    #expect(scene.joined(scene.join(protocols: []))?.code == .inconsistentGroupProtocol)
    #expect(scene.joined(scene.join(type: ""))?.code == .inconsistentGroupProtocol)
    let leader = scene.stableLeader()
    #expect(scene.joined(scene.join(protocols: ["zzz"]))?.code == .inconsistentGroupProtocol)
    #expect(scene.joined(scene.join(type: "connect"))?.code == .inconsistentGroupProtocol)
    #expect(scene.heartbeat(leader, 1) == ErrorCode.none, "a refused member disturbs nobody")
  }

  /// Only the leader is told who is there, and everybody gets the same generation.
  @Test func `a second member begins a generation with the first`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    let second = scene.join()
    #expect(scene.joined(second) == nil, "the leader has to join first")
    #expect(scene.group.state == .preparing)
    #expect(scene.heartbeat(leader, 1) == .rebalanceInProgress)
    let first = scene.join(leader)
    #expect(scene.joined(first)?.generation == 2)
    #expect(scene.joined(first)?.leaderID == leader)
    #expect(scene.joined(first)?.members.count == 2)
    #expect(scene.joined(second)?.generation == 2)
    #expect(scene.joined(second)?.leaderID == leader)
    #expect(scene.joined(second)?.members == [])
  }

  @Test func `who does not join again in time is left behind`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    let second = scene.join(rebalance: 20_000)
    scene.pass(.seconds(9))
    _ = scene.heartbeat(leader, 1)
    scene.pass(.seconds(9))
    _ = scene.heartbeat(leader, 1)
    scene.pass(.seconds(9))
    _ = scene.heartbeat(leader, 1)
    #expect(scene.joined(second) == nil, "the longest wish of a member counts")
    scene.pass(.seconds(3))
    #expect(scene.joined(second)?.generation == 2)
    #expect(scene.joined(second)?.leaderID == scene.joined(second)?.memberID, "somebody else leads")
    #expect(scene.heartbeat(leader, 1) == .unknownMemberID)
  }

  @Test func `a member that joins again unchanged gets the same generation, unless it leads`() {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    #expect(scene.joined(scene.join(follower))?.generation == 2)
    #expect(scene.group.state == .stable)
    let again = scene.join(leader)
    #expect(scene.joined(again) == nil)
    #expect(scene.group.state == .preparing)
    scene.join(follower)
    #expect(scene.joined(again)?.generation == 3)
  }

  @Test func `a member whose wishes have changed begins a generation`() {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    let changed = scene.join(follower, metadata: [9])
    #expect(scene.joined(changed) == nil)
    let told = scene.joined(scene.join(leader))
    #expect(told?.members.first { $0.memberID == follower }?.metadata == [9])
    #expect(scene.joined(changed)?.generation == 3)
  }

  /// Its first answer was lost: the generation that is being completed is told again, and goes on.
  @Test func `a member that joins twice is told the generation twice`() {
    let scene = GroupScene()
    let first = scene.joined(scene.join())?.memberID ?? ""
    #expect(scene.joined(scene.join(first))?.generation == 1)
    #expect(scene.group.state == .completing)
  }

  @Test func `a request that is sent again ends the one before`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    scene.join()
    let lost = scene.joined(scene.join(naming: .namedFirst))
    let named = lost?.memberID ?? ""
    let first = scene.join(named)
    let second = scene.join(named)
    #expect(scene.joined(first)?.code == .rebalanceInProgress)
    scene.join(leader)
    #expect(scene.joined(second)?.generation == 2)
  }

  /// It cannot send heartbeats before it has its name, so it is given up by its own time, and told, where it still listens.
  @Test func `a new member that waits too long is given up`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    let waiting = scene.join(rebalance: 900_000)
    for _ in 0..<60 {
      scene.pass(.seconds(5))
      _ = scene.heartbeat(leader, 1)
    }
    #expect(scene.joined(waiting)?.code == .unknownMemberID)
    #expect(scene.group.state == .preparing)
    scene.join(leader)
    #expect(scene.group.generation == 2)
  }

  @Test func `a group has room for so many`() {
    let scene = GroupScene()
    for _ in 0..<GroupLimits.membersPerGroup { scene.join(naming: .namedFirst) }
    #expect(scene.joined(scene.join())?.code == .groupMaxSizeReached)
    #expect(scene.joined(scene.join("m1"))?.generation == 1, "a place that was given is kept")
  }

  /// Of the ways that all know, the one that most prefer.
  @Test func `members choose a way to share out`() {
    let scene = GroupScene()
    let first = scene.joined(scene.join(protocols: ["range", "sticky", "robin"]))?.memberID ?? ""
    let second = scene.join(protocols: ["sticky", "robin", "other"])
    let third = scene.join(protocols: ["robin", "sticky"])
    scene.join(first, protocols: ["range", "sticky", "robin"])
    #expect(scene.joined(second)?.protocolName == "sticky")
    #expect(scene.joined(third)?.protocolName == "sticky")
  }
}
