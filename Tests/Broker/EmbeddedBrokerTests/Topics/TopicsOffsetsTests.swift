import EventLoop
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// Pitfall 12: what a group has committed of a deleted topic never comes back for another one of the same name.
@Suite(.timeLimit(.minutes(1)))
struct TopicsOffsetsTests {
  private func startGroups(_ scene: TopicsScene) async throws {
    let offsets = try await scene.controller.internalTopic("__consumer_offsets")
    let pool = try BlockingPool(name: "groups", threads: 1, queueLimit: 10)
    try await scene.loop.spawnThrowing {
      try await scene.groups.start(CoordinatorLog(offsets.partitions[0], files: DiskFiles()), pool: pool)
    }
  }

  private func commit(_ scene: TopicsScene, _ topic: String, _ offset: Int64) async -> ErrorCode {
    let request = OffsetCommitRequest { request in
      request.groupID = "g"
      request.topics = [
        OffsetCommitRequest.Topic {
          $0.name = topic
          $0.partitions = [OffsetCommitRequest.Partition { $0.committedOffset = offset }]
        }
      ]
    }
    return await withCheckedContinuation { done in
      scene.loop.execute {
        scene.groups.commit(request) { done.resume(returning: $0.topics[0].partitions[0].errorCode) }
      }
    }
  }

  private func committed(_ scene: TopicsScene, _ topic: String) async -> Int64? {
    await withCheckedContinuation { done in
      scene.loop.execute {
        done.resume(returning: scene.groups.offsets.offset(of: "g", PartitionName(topic, 0))?.offset)
      }
    }
  }

  @Test func `pitfall 12: what was committed of a topic that is made again`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    try await startGroups(scene)
    let topic = try await scene.controller.create(TopicWish(name: "t"))
    #expect(await commit(scene, "t", 5) == .none)
    #expect(await committed(scene, "t") == 5)
    // One that is on its way while the topic goes counts no more than one before.
    async let late = commit(scene, "t", 6)
    try await scene.controller.delete(topic.id)
    _ = await late
    #expect(await committed(scene, "t") == nil)
    _ = try await scene.controller.create(TopicWish(name: "t"))
    #expect(await committed(scene, "t") == nil)

    let again = try TopicsScene(in: scene.directory)
    try await startGroups(again)
    #expect(again.table.snapshot.topic("t") != nil)
    #expect(await committed(again, "t") == nil)
  }

  /// Goal: the same where the broker was killed when the topic was deleted and the offsets were not.
  @Test func `pitfall 12: a kill in between`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    try await startGroups(scene)
    let topic = try await scene.controller.create(TopicWish(name: "t"))
    _ = try await scene.controller.create(TopicWish(name: "u"))
    #expect(await commit(scene, "t", 5) == .none)
    #expect(await commit(scene, "u", 7) == .none)
    let log = try DiskFiles().open("\(scene.directory)/metadata.log", .existing)
    try log.write([MetadataFrames.frame(.deleteTopic(topic.id))[...]], at: try log.byteCount())

    let again = try TopicsScene(in: scene.directory)
    try await startGroups(again)
    _ = try await again.controller.create(TopicWish(name: "t"))
    let last = try TopicsScene(in: scene.directory)
    try await startGroups(last)
    #expect(await committed(last, "t") == nil)
    #expect(await committed(last, "u") == 7)
  }
}

extension EventLoop {
  /// Runs the body on the loop and waits for it.
  fileprivate func spawnThrowing(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withCheckedThrowingContinuation { done in
      spawn {
        do {
          try await body()
          done.resume()
        } catch { done.resume(throwing: error) }
      }
    }
  }
}
