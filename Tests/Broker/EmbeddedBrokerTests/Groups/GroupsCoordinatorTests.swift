import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// The coordinator over its log: what is answered when, what comes back after a start, and what has no room.
@Suite(.timeLimit(.minutes(2))) struct GroupsCoordinatorTests {
  @Test func `who asks too early is told to come again`() async throws {
    let scene = try await GroupsCoordinatorScene()
    defer { scene.remove() }
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 1)) == .coordinatorLoadInProgress)
    #expect(await scene.join("g").errorCode == .coordinatorLoadInProgress)
    #expect(await scene.heartbeat("g", "m", 1) == .coordinatorLoadInProgress)
    #expect(await scene.delete("g") == .coordinatorLoadInProgress)
  }

  @Test func `a commit is answered and seen once it is durable`() async throws {
    let scene = try await GroupsCoordinatorScene()
    defer { scene.remove() }
    try await scene.start()
    let answered = MemoryStateLog()  // a place of its own to note the answer in
    await scene.onLoop { [coordinator = scene.coordinator] in
      coordinator.commit(GroupsCoordinatorScene.commit("g", 5)) { _ in
        try? answered.forget(before: 1, nowMilliseconds: 0)
      }
    }
    #expect(answered.now.forgetCount == 0)
    #expect(await scene.committed("g") == nil)
    scene.log.settle()
    #expect(await scene.committed("g") == 5)
    #expect(await scene.onLoop { answered.now.forgetCount } == 1)
  }

  @Test func `a commit that the log refuses is refused`() async throws {
    let scene = try await GroupsCoordinatorScene()
    defer { scene.remove() }
    try await scene.start()
    scene.log.refuse(PartitionLogError(.kafkaStorageError, "full"))
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 5)) == .coordinatorNotAvailable)
    scene.log.refuse(PartitionLogError(.messageTooLarge, "large"))
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 5)) == .invalidCommitOffsetSize)
    scene.log.refuse(nil)
    #expect(await scene.committed("g") == nil)
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 6)) == ErrorCode.none)
  }

  @Test func `what cannot be kept is refused by partition`() async throws {
    let scene = try await GroupsCoordinatorScene()
    defer { scene.remove() }
    try await scene.start()
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 1, partition: 77)) == .unknownTopicOrPartition)
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 1, topic: "nope")) == .unknownTopicOrPartition)
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 1, member: "m", generation: 1)) == .illegalGeneration)
    let long = String(repeating: "x", count: 4_097)
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 1, note: long)) == .offsetMetadataTooLarge)
    #expect(await scene.commit(GroupsCoordinatorScene.commit("", 1)) == ErrorCode.none, "the empty name keeps offsets")
    let endless = String(repeating: "g", count: 40_000)
    #expect(await scene.commit(GroupsCoordinatorScene.commit(endless, 1)) == .invalidCommitOffsetSize)
    #expect(await scene.join(endless).errorCode == ErrorCode.none)
  }

  /// Goal: the start of a broker is no rebalance. Method: another coordinator on the same log.
  @Test func `members go on over a restart`() async throws {
    let scene = try await GroupsCoordinatorScene()
    defer { scene.remove() }
    try await scene.start()
    let joined = await scene.join("g")
    #expect(await scene.sync("g", joined).assignment == [7])
    let commit = GroupsCoordinatorScene.commit("g", 3, member: joined.memberID, generation: 1)
    #expect(await scene.commit(commit) == ErrorCode.none)

    let again = try await GroupsCoordinatorScene(MemoryStateLog(scene.log.now.records))
    defer { again.remove() }
    try await again.start()
    #expect(await again.committed("g") == 3)
    #expect(await again.heartbeat("g", joined.memberID, 1) == ErrorCode.none)
    #expect(await again.commit(commit) == ErrorCode.none)
    #expect(await again.sync("g", joined).assignment == [7])
    #expect(await again.delete("g") == .nonEmptyGroup)
  }

  @Test func `a deleted group does not come back`() async throws {
    let scene = try await GroupsCoordinatorScene()
    defer { scene.remove() }
    try await scene.start()
    #expect(await scene.delete("g") == .groupIDNotFound)
    #expect(await scene.commit(GroupsCoordinatorScene.commit("g", 3)) == ErrorCode.none)
    #expect(await scene.delete("g") == ErrorCode.none)
    #expect(await scene.committed("g") == nil)
    let again = try await GroupsCoordinatorScene(MemoryStateLog(scene.log.now.records))
    defer { again.remove() }
    try await again.start()
    #expect(await again.committed("g") == nil)
    let left = await again.onLoop { [coordinator = again.coordinator] in coordinator.groups.count }
    #expect(left == 0)
  }

  @Test func `a damaged log is not read past`() {
    let record = Record(offset: 4, timestamp: 0, key: [0, 9], value: nil)
    do {
      _ = try LoadedGroups(MemoryStateLog([record]))
      Issue.record("the log was read")
    } catch let error as BrokerError {
      #expect(error.code == .damaged)
      #expect(error.message.contains("offset 4"))
    } catch { Issue.record(error) }
  }

  /// K65: a thousand members come and go; one that was frozen past its session speaks, and no offset goes back.
  @Test func `a thousand members come and go`() async throws {
    let scene = try await GroupsCoordinatorScene(rewriteBytes: 20_000)
    defer { scene.remove() }
    try await scene.start()
    let frozen = await scene.join("g")
    _ = await scene.sync("g", frozen)
    func speak(_ offset: Int64) async -> ErrorCode {
      await scene.commit(
        GroupsCoordinatorScene.commit("g", offset, member: frozen.memberID, generation: frozen.generationID))
    }
    #expect(await speak(0) == ErrorCode.none)
    // Its session ends: the group takes it out as it would a member that leaves.
    #expect(await scene.leave("g", frozen.memberID) == ErrorCode.none)
    var last: Int64 = 0
    var generation = frozen.generationID
    for round in 1...1_000 {
      let joined = await scene.join("g")
      #expect(joined.generationID > generation, "a generation is never used again")
      generation = joined.generationID
      #expect(await scene.sync("g", joined).errorCode == ErrorCode.none)
      let offset = Int64(round)
      let commit = GroupsCoordinatorScene.commit("g", offset, member: joined.memberID, generation: generation)
      #expect(await scene.commit(commit) == ErrorCode.none)
      let code = await speak(-1)
      #expect(code == .unknownMemberID || code == .illegalGeneration)
      let seen = await scene.committed("g") ?? -1
      #expect(seen >= last && seen == offset, "no offset goes back")
      last = seen
      #expect(await scene.leave("g", joined.memberID) == ErrorCode.none)
    }
    #expect(scene.log.now.forgetCount > 0)
  }
}
