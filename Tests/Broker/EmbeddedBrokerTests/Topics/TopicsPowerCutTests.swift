import KafkaWire
import PartitionLog
import SimulationKit
import Synchronization
import Testing

@testable import EmbeddedBroker

@Suite(.timeLimit(.minutes(2)))
struct TopicsPowerCutTests {
  /// The topics that were answered for: names, partitions, configs.
  private struct Promised: Equatable {
    var topics: [String: Shape] = [:]
  }

  private struct Shape: Equatable {
    var partitionCount: Int
    var retention: Int64?
  }

  private enum Change {
    case create(String, Int32)
    case grow(String, Int32)
    case delete(String)
    case alter(String, Int64)
  }

  /// Goal: whenever the power goes while topics are made, grown, set and deleted, a start finds what was answered for, all of
  /// it or nothing of the change that was being made, and never refuses to start.
  @Test func `power cuts while topics change`() async throws {
    try await SeededProperty.holds(forSeeds: 150) { random in
      var disk = PowerCutDisk()
      var promised = Promised()
      for _ in 0..<4 {
        let limit = random.isOne(in: 2) ? 40 : 400
        disk.cut(atCall: Int.random(in: 1...limit, using: &random))
        let after = try await life(disk, &promised, &random)
        disk = disk.afterPowerCut(&random)
        let found = try shapes(TopicsScene(in: "/", on: disk, failed: { Issue.record("\($0)") }))
        try SeededProperty.claim(
          found == promised || found == after, "found \(found), promised \(promised), or \(String(describing: after))")
        promised = found
      }
    }
  }

  /// Changes topics until the power goes; answers with what the change that was being made would have come to.
  private func life(
    _ disk: PowerCutDisk, _ promised: inout Promised, _ random: inout SeededGenerator
  ) async throws -> Promised? {
    let scene: TopicsScene
    do { scene = try TopicsScene(in: "/", on: disk, failed: { _ in }) } catch {
      try SeededProperty.claim(disk.isCut, "the start failed: \(error)")
      return nil
    }
    try SeededProperty.claim(shapes(scene) == promised, "\(shapes(scene)) at the start, promised \(promised)")
    for _ in 0..<12 {
      let change = self.change(promised, &random)
      let after = outcome(of: change, promised)
      do throws(TopicRefusal) { try await make(change, scene) } catch {
        try SeededProperty.claim(disk.isCut, "\(change): \(error)")
        return after
      }
      promised = after
    }
    disk.cut(atCall: 1)
    return nil
  }

  private func change(_ promised: Promised, _ random: inout SeededGenerator) -> Change {
    let names = promised.topics.keys.sorted()
    guard let name = names.randomElement(using: &random), !random.isOne(in: 3) else {
      let free = ["a", "b", "c", "d", "e"].filter { promised.topics[$0] == nil }
      return free.isEmpty ? .delete("a") : .create(free[0], Int32.random(in: 1...3, using: &random))
    }
    let count = promised.topics[name]?.partitionCount ?? 1
    return switch Int.random(in: 0..<3, using: &random) {
    case 0 where count < 6: .grow(name, Int32(count + 1))
    case 1: .alter(name, Int64.random(in: 1...1_000, using: &random))
    case _: .delete(name)
    }
  }

  private func outcome(of change: Change, _ promised: Promised) -> Promised {
    var after = promised
    switch change {
    case .create(let name, let count): after.topics[name] = Shape(partitionCount: Int(count), retention: 604_800_000)
    case .grow(let name, let count): after.topics[name]?.partitionCount = Int(count)
    case .delete(let name): after.topics[name] = nil
    case .alter(let name, let retention): after.topics[name]?.retention = retention
    }
    return after
  }

  private func make(_ change: Change, _ scene: TopicsScene) async throws(TopicRefusal) {
    let controller = scene.controller
    switch change {
    case .create(let name, let count): _ = try await controller.create(TopicWish(name: name, partitionCount: count))
    case .grow(let name, let count): try await controller.grow(name, to: count, assignments: nil, .make)
    case .delete(let name):
      guard let id = scene.table.snapshot.topic(name)?.id else { throw TopicRefusal(.unknownTopicOrPartition) }
      try await controller.delete(id)
    case .alter(let name, let retention):
      let step = ConfigAlteration.Step(name: "retention.ms", operation: .set, value: "\(retention)")
      try await controller.alter(topic: name, .steps([step]), .make)
    }
  }

  private func shapes(_ scene: TopicsScene) -> Promised {
    var promised = Promised()
    for topic in scene.table.snapshot.topics {
      promised.topics[topic.name] = Shape(
        partitionCount: topic.partitions.count,
        retention: topic.partitions[0].withLog { $0.options.retentionMilliseconds })
    }
    return promised
  }

  /// Goal: a disk without room refuses a topic with a retriable error and leaves nothing of it; with room it is made.
  @Test func `a disk without room`() async throws {
    let disk = PowerCutDisk()
    let scene = try TopicsScene(in: "/", on: disk, failed: { Issue.record("\($0)") })
    _ = try await scene.controller.create(TopicWish(name: "a"))
    disk.refuseWrites(true)
    await #expect(throws: TopicRefusal.self) { _ = try await scene.controller.create(TopicWish(name: "b")) }
    do throws(TopicRefusal) { _ = try await scene.controller.create(TopicWish(name: "b")) } catch {
      #expect(error.code == .kafkaStorageError)
    }
    disk.refuseWrites(false)
    #expect(scene.table.snapshot.topics.map(\.name) == ["a"])
    #expect(try disk.names(in: "/").contains("b-0") == false)
    _ = try await scene.controller.create(TopicWish(name: "b"))
    let again = try TopicsScene(in: "/", on: disk, failed: { Issue.record("\($0)") })
    #expect(again.table.snapshot.topics.map(\.name) == ["a", "b"])
  }
}
