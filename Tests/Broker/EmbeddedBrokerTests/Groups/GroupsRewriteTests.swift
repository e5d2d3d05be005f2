import KafkaWire
import PartitionLog
import SimulationKit
import Testing

@testable import EmbeddedBroker

/// The state of all groups is written again when the log has grown, and a kill at any moment loses nothing.
@Suite(.timeLimit(.minutes(2))) struct GroupsRewriteTests {
  /// What a log says: offsets by group and partition, and groups by their last values.
  private struct Said: Equatable {
    var offsets: [String: CommittedOffset] = [:]
    var groups: [String: [UInt8]] = [:]

    init(_ records: some Sequence<Record>) throws {
      var loaded = LoadedGroups()
      for record in records { try loaded.take(record) }
      for id in loaded.offsets.groupIDs {
        for (partition, offset) in loaded.offsets.offsets(of: id) {
          offsets["\(id) \(partition.topic) \(partition.index)"] = offset
        }
      }
      groups = loaded.groups.mapValues(\.bytes)
    }
  }

  /// Goal: whatever is on the disk of the log, from wherever it starts, says what the whole history says. Method: commits, deletions
  /// and generations at random, a disk that is slow at random, a log that is written again all the time; after each step the log is
  /// read as a kill would leave it, with every part of what was not durable.
  @Test func `a kill at any moment of a rewrite loses nothing`() async throws {
    var rewrites = 0
    try await SeededProperty.holds(forSeeds: 12) { random in
      let scene = try await GroupsCoordinatorScene(rewriteBytes: 2_000)
      defer { scene.remove() }
      try await scene.start()
      for step in 0..<150 {
        let group = "g\(Int.random(in: 0..<6, using: &random))"
        let partition = Int32.random(in: 0..<4, using: &random)
        let kind = Int.random(in: 0..<20, using: &random)
        let settled = random.isOne(in: 3) ? Int.random(in: 1...3, using: &random) : 0
        let (log, context) = (scene.log, scene.context(version: 3))
        await scene.onLoop { [coordinator = scene.coordinator] in
          switch kind {
          case 0: coordinator.deleteGroup(group) { _ in }
          case 1, 2: coordinator.join(Self.joining(group), context) { _ in }
          case 3:
            for (id, entry) in coordinator.groups { Self.shareOut(coordinator, id, entry.group) }
          case 4:
            for member in coordinator.groups[group]?.group.ordered ?? [] {
              let request = LeaveGroupRequest {
                $0.groupID = group
                $0.members = [LeaveGroupRequest.Member { $0.memberID = member.id }]
              }
              coordinator.leave(request, context) { _ in }
            }
          case _:
            coordinator.commit(GroupsCoordinatorScene.commit(group, Int64(step), partition: partition)) { _ in }
          }
          log.settle(settled)
        }
        try Self.check(log.now)
      }
      for _ in 0..<50 {
        await scene.onLoop { [log = scene.log] in log.settle() }
        try Self.check(scene.log.now)
      }
      rewrites += scene.log.now.forgetCount
    }
    #expect(rewrites > 12, "the state was written again")
  }

  private static func joining(_ group: String) -> JoinGroupRequest {
    JoinGroupRequest {
      $0.groupID = group
      $0.sessionTimeoutMilliseconds = 60_000
      $0.rebalanceTimeoutMilliseconds = 60_000
      $0.protocolType = "consumer"
      $0.protocols = [JoinGroupRequest.GroupProtocol { $0.name = "range" }]
    }
  }

  private static func shareOut(_ coordinator: GroupCoordinator, _ id: String, _ group: Group) {
    guard group.state == .completing, let leader = group.leaderID else { return }
    let request = SyncGroupRequest {
      $0.groupID = id
      $0.memberID = leader
      $0.generationID = group.generation
    }
    coordinator.sync(request) { _ in }
  }

  private static func check(_ log: MemoryStateLog.State) throws {
    for end in Set([log.durableCount, (log.durableCount + log.records.count) / 2, log.records.count]) {
      let whole = try Said(log.records[..<end])
      // Where the log starts may itself be lost: it starts further back then.
      for start in Set([log.start, log.start / 2]) where start <= end {
        let left = try Said(log.records[start..<end])
        try SeededProperty.claim(
          left == whole, "from \(start) to \(end) of \(log.records.count) the log says something else")
      }
    }
  }

  @Test func `a rewrite bounds what a start reads`() async throws {
    let scene = try await GroupsCoordinatorScene(rewriteBytes: 5_000)
    defer { scene.remove() }
    try await scene.start()
    var last: Int64 = 0
    // What is forgotten is forgotten on another thread: until it has caught up, the time limit watches.
    while scene.log.now.forgetCount < 10 || scene.log.now.records.count - scene.log.now.start > 500 {
      last += 1
      #expect(await scene.commit(GroupsCoordinatorScene.commit("g", last)) == ErrorCode.none)
    }
    #expect(await scene.committed("g") == last)
  }

  @Test func `a rewrite that is refused changes nothing`() async throws {
    let scene = try await GroupsCoordinatorScene(rewriteBytes: 1_000)
    defer { scene.remove() }
    try await scene.start()
    for offset in 0..<200 {
      await scene.onLoop { [log = scene.log, coordinator = scene.coordinator] in
        log.refuse(nil)
        coordinator.commit(GroupsCoordinatorScene.commit("g", Int64(offset))) { _ in }
        log.refuse(PartitionLogError(.kafkaStorageError, "full"))
      }
      scene.log.settle()
    }
    #expect(scene.log.now.start == 0)
    scene.log.refuse(nil)
    #expect(await scene.committed("g") == 199)
  }
}
