import KafkaWire
import Testing

@testable import EmbeddedBroker

/// Members that keep a name over restarts: transcripts.
@Suite struct GroupsStaticMembersTests {
  /// It gets its part under a new name, nobody else notices, and the process that had it before is told.
  @Test func `a static member comes back into the same generation`() {
    let scene = GroupScene()
    let old = scene.stableLeader(instance: "i")
    let back = scene.join(instance: "i")
    #expect(scene.joined(back) == nil, "not before it is durable")
    scene.settle()
    let answer = scene.joined(back)
    #expect(answer?.generation == 1)
    #expect(answer?.memberID != old)
    #expect(answer?.leaderID == old, "it is not to share out again")
    #expect(answer?.members == [])
    #expect(scene.heartbeat(old, 1, instance: "i") == .fencedInstanceID)
    #expect(scene.commit(old, 1, instance: "i") == .fencedInstanceID)
    #expect(scene.joined(scene.join(old, instance: "i"))?.code == .fencedInstanceID)
    #expect(scene.synced(scene.sync(old, 1, instance: "i"))?.code == .fencedInstanceID)
    let new = answer?.memberID ?? ""
    #expect(scene.synced(scene.sync(new, 1, instance: "i"))?.assignment == [0xA])
    #expect(scene.heartbeat(new, 1, instance: "i") == ErrorCode.none)
  }

  @Test func `two processes of one name fence each other`() {
    let scene = GroupScene()
    _ = scene.stableLeader(instance: "i")
    let first = scene.join(instance: "i")
    let second = scene.join(instance: "i")
    #expect(scene.joined(first)?.code == .fencedInstanceID)
    scene.settle()
    #expect(scene.joined(second)?.generation == 1)
    #expect(scene.doubleAnswers == 0)
  }

  @Test func `a static member that cannot be kept is told to come again`() {
    let scene = GroupScene()
    _ = scene.stableLeader(instance: "i")
    let back = scene.join(instance: "i")
    scene.settle(.coordinatorNotAvailable)
    #expect(scene.joined(back)?.code == .coordinatorNotAvailable)
    let again = scene.join(instance: "i")
    scene.settle()
    #expect(scene.joined(again)?.generation == 1)
  }

  /// A rebalance does not lose a static member that is away, but its session does.
  @Test func `a static member that is away stays in the group`() {
    let scene = GroupScene()
    let away = scene.stableLeader(instance: "i")
    let second = scene.join(rebalance: 4_000)
    scene.pass(.seconds(9))
    _ = scene.heartbeat(away, 1, instance: "i")
    scene.pass(.seconds(9))
    _ = scene.heartbeat(away, 1, instance: "i")
    scene.pass(.seconds(9))
    _ = scene.heartbeat(away, 1, instance: "i")
    scene.pass(.seconds(4))
    let answer = scene.joined(second)
    #expect(answer?.generation == 2)
    #expect(answer?.leaderID == answer?.memberID)
    #expect(answer?.members.map(\.instanceID) == ["i", nil])
    #expect(scene.heartbeat(away, 2, instance: "i") == ErrorCode.none)
  }

  /// All that are there are away: there is nobody to lead, so the group waits until sessions end.
  @Test func `a group of static members that are all away ends with their sessions`() {
    let scene = GroupScene()
    let first = scene.stableLeader(instance: "a")
    let second = scene.join(instance: "b")
    scene.join(first, instance: "a")
    let other = scene.joined(second)?.memberID ?? ""
    scene.sync(other, 2, instance: "b")
    scene.sync(first, 2, instance: "a")
    scene.settle()
    scene.pass(.seconds(100))
    #expect(scene.group.state == .empty)
    #expect(scene.group.members.isEmpty)
  }

  @Test func `an administrator takes a static member out by its lasting name`() {
    let scene = GroupScene()
    _ = scene.stableLeader(instance: "i")
    #expect(scene.leave("", instance: "other") == [.unknownMemberID])
    #expect(scene.leave("", instance: "i") == [.none])
    #expect(scene.group.state == .empty)
  }

  @Test func `a static member of a lasting name that is not known is refused`() {
    let scene = GroupScene()
    let leader = scene.stableLeader()
    #expect(scene.heartbeat(leader, 1, instance: "i") == .unknownMemberID)
    let named = scene.joined(scene.join(naming: .namedFirst))?.memberID ?? ""
    #expect(scene.joined(scene.join(named, instance: "i"))?.code == .unknownMemberID)
    #expect(scene.leave(named, instance: "i") == [.unknownMemberID])
  }

  /// It comes back with other ways to share out, so that the group chooses another: that is a generation.
  @Test func `a static member that changes the choice begins a generation`() {
    let scene = GroupScene()
    let first = scene.joined(scene.join(instance: "i", protocols: ["range", "sticky"]))?.memberID ?? ""
    scene.sync(first, 1, instance: "i")
    scene.settle()
    let back = scene.join(instance: "i", protocols: ["sticky", "range"])
    #expect(scene.joined(back)?.generation == 2)
    #expect(scene.joined(back)?.protocolName == "sticky")
  }
}
