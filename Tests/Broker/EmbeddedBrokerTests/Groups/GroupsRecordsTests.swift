import EventLoop
import KafkaWire
import SimulationKit
import Testing

@testable import EmbeddedBroker

/// The records that the coordinator's log keeps, byte by byte in Kafka's format.
@Suite struct GroupsRecordsTests {
  @Test func `keys are Kafka's`() throws {
    let offset = GroupRecordKey.offset(group: "g", PartitionName("t", 3))
    #expect(try offset.bytes == [0, 1, 0, 1, 0x67, 0, 1, 0x74, 0, 0, 0, 3])
    #expect(try GroupRecordKey(offset.bytes[...]) == offset)
    let group = GroupRecordKey.group("g")
    #expect(try group.bytes == [0, 2, 0, 1, 0x67])
    #expect(try GroupRecordKey(group.bytes[...]) == group)
  }

  @Test func `an offset is Kafka's`() throws {
    let offset = CommittedOffset(offset: 5, leaderEpoch: -1, metadata: "m", committedMilliseconds: 7)
    let bytes = try OffsetValue(offset).encoded(OffsetValue.version)
    #expect(
      bytes == [0, 3, 0, 0, 0, 0, 0, 0, 0, 5, 255, 255, 255, 255, 0, 1, 0x6d, 0, 0, 0, 0, 0, 0, 0, 7])
    #expect(try OffsetValue.decoded(bytes[...], newest: OffsetValue.version).committed == offset)
  }

  /// What an older Kafka wrote is read: version 1 says when the offset runs out, and no epoch.
  @Test func `an older offset is read`() throws {
    let bytes: [UInt8] = [0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9]
    let read = try OffsetValue.decoded(bytes[...], newest: OffsetValue.version).committed
    #expect(read == CommittedOffset(offset: 5, leaderEpoch: -1, metadata: "", committedMilliseconds: 7))
  }

  /// What a newer broker wrote is not guessed.
  @Test func `newer records are refused`() {
    #expect(throws: WireError.self) { try OffsetValue.decoded([0, 4, 0], newest: OffsetValue.version) }
    #expect(throws: WireError.self) { try GroupValue.decoded([0, 4, 0], newest: GroupValue.version) }
    #expect(throws: WireError.self) { try GroupRecordKey([0, 3, 0, 1, 0x67]) }
    #expect(throws: WireError.self) { try GroupRecordKey([0, 2, 0, 9, 0x67]) }
  }

  @Test func `a group comes back as it was kept`() throws {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    let bytes = try GroupValue(scene.group).encoded(GroupValue.version)
    let value = try GroupValue.decoded(bytes[...], newest: GroupValue.version)
    let now = scene.instant + .seconds(1000)
    let back = Group(id: "g", kept: value, at: now)
    #expect(back.state == .stable)
    #expect(back.generation == 2)
    #expect(back.leaderID == leader)
    #expect(back.protocolName == "range")
    #expect(back.members[follower]?.assignment == [2])
    #expect(back.members[leader]?.metadata(for: "range") == [1])
    #expect(back.members[leader]?.deadline == now + .seconds(10), "each has its whole session to be heard of")
    #expect(back.firstDue == now + .seconds(10))
    #expect(try GroupValue(back).encoded(GroupValue.version) == bytes)
  }

  @Test func `members go on over a restart without joining again`() {
    let scene = GroupScene()
    let (leader, follower) = scene.stablePair()
    scene.restart(persisting: 0)
    #expect(scene.heartbeat(leader, 2) == ErrorCode.none)
    #expect(scene.commit(follower, 2) == ErrorCode.none)
    scene.pass(.seconds(9))
    #expect(scene.heartbeat(leader, 2) == ErrorCode.none)
    #expect(scene.commit(follower, 2) == ErrorCode.none)
    scene.pass(.seconds(9))
    #expect(scene.heartbeat(leader, 2) == ErrorCode.none)
    #expect(scene.commit(follower, 2) == ErrorCode.none, "a commit is a sign of life too")
    scene.pass(.seconds(11))
    #expect(scene.group.state == .empty, "who is not heard of any more is given up as ever")
  }
}
