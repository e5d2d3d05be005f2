import KafkaWire
import Testing

@testable import EmbeddedBroker

/// What members do in a group, and how they go: transcripts.
@Suite struct GroupsMembersTests {
  @Test func `parts are handed out once they are durable`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    let second = scene.join()
    scene.join(leader)
    let follower = scene.joined(second)?.memberID ?? ""
    let waits = scene.sync(follower, 2)
    let leads = scene.sync(leader, 2, parts: [leader: [1], follower: [2], "stranger": [3]])
    #expect(scene.synced(waits) == nil)
    #expect(scene.synced(leads) == nil)
    #expect(scene.persisting == [.assignment(generation: 2)])
    scene.settle()
    #expect(scene.synced(leads)?.assignment == [1])
    #expect(scene.synced(waits)?.assignment == [2])
    #expect(scene.synced(waits)?.protocolName == "range")
    #expect(scene.group.state == .stable)
    #expect(scene.synced(scene.sync(follower, 2))?.assignment == [2], "who asks again is told again")
  }

  @Test func `parts that cannot be kept are not handed out`() {
    let scene = GroupScene()
    let leader = scene.joined(scene.join())?.memberID ?? ""
    let sync = scene.sync(leader, 1, parts: [leader: [1]])
    scene.settle(.coordinatorNotAvailable)
    #expect(scene.synced(sync)?.code == .coordinatorNotAvailable)
    #expect(scene.synced(sync)?.assignment == [])
    #expect(scene.group.state == .preparing)
    #expect(scene.joined(scene.join(leader))?.generation == 2)
  }

  @Test func `who syncs out of turn is refused`() {
    let scene = GroupScene()
    let leader = scene.joined(scene.join())?.memberID ?? ""
    #expect(scene.synced(scene.sync(leader, 9))?.code == .illegalGeneration)
    #expect(scene.synced(scene.sync("nobody", 1))?.code == .unknownMemberID)
    #expect(scene.synced(scene.sync(leader, 1, type: "connect"))?.code == .inconsistentGroupProtocol)
    #expect(scene.synced(scene.sync(leader, 1, name: "robin"))?.code == .inconsistentGroupProtocol)
    scene.sync(leader, 1, type: "consumer", name: "range")
    scene.settle()
    scene.join()
    #expect(scene.synced(scene.sync(leader, 1))?.code == .rebalanceInProgress)
  }

  /// The leader has joined and not shared out when another comes: whoever waits for a part is told to join again.
  @Test func `a member that comes between join and sync sends everybody back`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    let second = scene.join()
    scene.join(leader)
    let follower = scene.joined(second)?.memberID ?? ""
    let waits = scene.sync(follower, 2)
    scene.join()
    #expect(scene.synced(waits)?.code == .rebalanceInProgress)
    #expect(scene.group.state == .preparing)
  }

  /// What was being made durable is of a generation that has passed when it is.
  @Test func `parts of a generation that has passed are not handed out`() {
    let scene = GroupScene()
    let leader = scene.joined(scene.join())?.memberID ?? ""
    let sync = scene.sync(leader, 1, parts: [leader: [1]])
    scene.join()
    #expect(scene.synced(sync)?.code == .rebalanceInProgress)
    scene.settle()
    #expect(scene.group.state == .preparing)
  }

  @Test func `heartbeats and commits are held to the generation`() {
    let scene = GroupScene()
    #expect(scene.commit("", -1) == ErrorCode.none, "a group without members keeps offsets for anybody")
    #expect(scene.commit("m1", 0) == .unknownMemberID)
    let leader = scene.joined(scene.join())?.memberID ?? ""
    #expect(scene.heartbeat(leader, 1) == ErrorCode.none)
    #expect(scene.commit(leader, 1) == .rebalanceInProgress, "it has no part yet")
    scene.sync(leader, 1)
    scene.settle()
    #expect(scene.heartbeat(leader, 5) == .illegalGeneration)
    #expect(scene.heartbeat("zz", 1) == .unknownMemberID)
    #expect(scene.commit(leader, 1) == ErrorCode.none)
    #expect(scene.commit(leader, 7) == .illegalGeneration)
    #expect(scene.commit("", -1) == .unknownMemberID)
    scene.join()
    #expect(scene.heartbeat(leader, 1) == .rebalanceInProgress)
    #expect(scene.commit(leader, 1) == ErrorCode.none, "what it has done counts until the next generation begins")
  }

  @Test func `a silent member is given up, one that speaks is not`() {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    scene.pass(.seconds(6))
    #expect(scene.heartbeat(leader, 2) == ErrorCode.none)
    scene.pass(.seconds(6))
    #expect(scene.heartbeat(follower, 2) == .unknownMemberID)
    #expect(scene.commit(follower, 2) == .unknownMemberID)
    #expect(scene.heartbeat(leader, 2) == .rebalanceInProgress)
    #expect(scene.joined(scene.join(leader))?.generation == 3)
  }

  @Test func `the last member leaves a group that is empty`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    #expect(scene.leave(leader) == [.none])
    #expect(scene.group.state == .empty)
    #expect(scene.group.generation == 2)
    #expect(scene.group.protocolType == "consumer")
    #expect(scene.persisting == [.emptiness(generation: 2)])
    #expect(scene.joined(scene.join())?.generation == 3, "a generation is never used again")
  }

  @Test func `a member that leaves begins a generation without it`() {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    #expect(scene.leave(follower) == [.none])
    #expect(scene.heartbeat(leader, 2) == .rebalanceInProgress)
    #expect(scene.joined(scene.join(leader))?.members.map(\.memberID) == [leader])
    #expect(scene.leave(follower) == [.unknownMemberID])
  }

  /// The rebalance waited for it alone.
  @Test func `who leaves or does not use its name holds nobody up`() {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    let named = scene.joined(scene.join(naming: .namedFirst))?.memberID ?? ""
    let waiting = scene.join(leader)
    #expect(scene.leave(follower) == [.none])
    #expect(scene.joined(waiting) == nil)
    #expect(scene.leave(named) == [.none])
    #expect(scene.joined(waiting)?.generation == 3)
  }

  @Test func `a member that never asks for its part goes`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    let second = scene.join()
    scene.join(leader)
    let follower = scene.joined(second)?.memberID ?? ""
    scene.sync(leader, 2, parts: [leader: [1]])
    scene.settle()
    for _ in 0..<7 {
      scene.pass(.seconds(5))
      _ = scene.heartbeat(leader, 2)
      _ = scene.heartbeat(follower, 2)
    }
    #expect(scene.heartbeat(follower, 2) == .unknownMemberID)
    #expect(scene.group.state == .preparing)
  }

  @Test func `a deleted group is nobody's`() {
    let scene = GroupScene()
    scene.put(.deleted)
    #expect(scene.joined(scene.join())?.code == .coordinatorNotAvailable)
    #expect(scene.heartbeat("m", 1) == .coordinatorNotAvailable)
    #expect(scene.commit("", -1) == .coordinatorNotAvailable)
    #expect(scene.leave("m") == [.coordinatorNotAvailable])
  }
}
