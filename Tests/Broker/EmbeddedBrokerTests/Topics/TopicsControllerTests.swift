import EventLoop
import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

@Suite(.timeLimit(.minutes(1)))
struct TopicsControllerTests {
  private func batch(_ values: String...) -> ArraySlice<UInt8> {
    var builder = RecordBatchBuilder()
    for value in values { builder.append(key: nil, value: Array(value.utf8)[...], timestamp: 1_000) }
    return builder.finish()[...]
  }

  private func append(_ partition: Partition?, _ values: String...) throws {
    let outcome = try #require(partition).append(
      batch(values[0]), origin: .client, nowMilliseconds: 2_000, .written)
    if case .refused(let error) = outcome { throw error }
  }

  /// Goal: what was answered for is served at once, takes records at once (pitfall 21), and is there again after a start.
  @Test func `a topic's life over starts`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    let made = try await scene.controller.create(
      TopicWish(
        name: "orders", partitionCount: 3, replicationFactor: 1,
        configs: [.init(name: "segment.bytes", value: "1048576")]))
    let served = try #require(scene.table.snapshot.topic("orders"))
    #expect(served.id == made.id)
    #expect(served.partitions.map(\.index) == [0, 1, 2])
    for partition in served.partitions { try append(partition, "a") }
    #expect(served.partitions[0].withLog { $0.options.segmentBytes } == 1_048_576)
    try await scene.controller.grow("orders", to: 5, assignments: nil, .make)
    #expect(scene.table.snapshot.topic(made.id)?.partitions.map(\.index) == [0, 1, 2, 3, 4])
    try append(scene.table.partition("orders", 4), "b")

    let again = try TopicsScene(in: scene.directory)
    let found = try #require(again.table.snapshot.topic("orders"))
    #expect(found.id == made.id)
    #expect(found.partitions.map { $0.bounds.logEndOffset } == [1, 1, 1, 0, 1])
    #expect(found.partitions[4].withLog { $0.options.segmentBytes } == 1_048_576)
    try await again.controller.delete(made.id)
    #expect(again.table.snapshot.topic("orders") == nil)
    #expect(again.deleted == ["orders"])

    let last = try TopicsScene(in: scene.directory)
    #expect(last.table.snapshot.topics.isEmpty)
    await last.controller.removeRetired()
    #expect(try last.folders == [])
  }

  /// Goal: pitfall 12: a topic made again under the same name is another one, empty, and what was known of the old one by its
  /// name is forgotten before.
  @Test func `pitfall 12: a topic that is made again`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    let first = try await scene.controller.create(TopicWish(name: "t"))
    let old = try #require(scene.table.partition("t", 0))
    try append(old, "a")
    try await scene.controller.delete(first.id)
    #expect(scene.deleted == ["t"])
    #expect(throws: PartitionLogError.self) { try append(old, "late") }
    let second = try await scene.controller.create(TopicWish(name: "t"))
    #expect(second.id != first.id)
    #expect(scene.table.partition("t", 0)?.bounds.logEndOffset == 0)
  }

  /// Goal: a reader of a topic that was made again never gets bytes of the old one's files, which had the same names.
  @Test func `files of a topic that is made again`() async throws {
    let scene = try TopicsScene(flush: .never)
    defer { scene.remove() }
    let wish = TopicWish(name: "t", configs: [.init(name: "internal.segment.bytes", value: "200")])
    func fill(_ value: String) throws -> Partition {
      let partition = try #require(scene.table.partition("t", 0))
      for _ in 0..<10 { try append(partition, value) }
      return partition
    }
    func first(_ partition: Partition) throws -> String {
      let slice = try partition.withLog { try $0.slice(from: 0, maximumBytes: 1, reach: .disk) }
      let bytes = try #require(try slice?.read(.disk))
      let record = try #require(try RecordReader.records(of: RecordBatch(firstOf: bytes)).first)
      return String(decoding: record.value ?? [], as: UTF8.self)
    }
    for value in ["old", "new", "newest"] {
      let made = try await scene.controller.create(wish)
      let partition = try fill(value)
      #expect(partition.withLog { $0.segmentCount } > 2)
      #expect(try first(partition) == value)
      try await scene.controller.delete(made.id)
    }
  }

  @Test func `what is refused changes nothing`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    func refusal(_ change: () async throws(TopicRefusal) -> Void) async -> ErrorCode? {
      do throws(TopicRefusal) {
        try await change()
        return nil
      } catch { return error.code }
    }
    let controller = scene.controller
    let made = try await controller.create(TopicWish(name: "a.b"))
    #expect(
      await refusal { () throws(TopicRefusal) in _ = try await controller.create(TopicWish(name: "a.b")) }
        == .topicAlreadyExists)
    #expect(
      await refusal { () throws(TopicRefusal) in _ = try await controller.create(TopicWish(name: "a_b")) }
        == .invalidTopicException)
    #expect(
      await refusal { () throws(TopicRefusal) in
        _ = try await controller.create(TopicWish(name: "many", partitionCount: 4_000))
      } == .policyViolation)
    #expect(
      await refusal { () throws(TopicRefusal) in
        try await controller.grow("a.b", to: 4_001, assignments: nil, .make)
      } == .policyViolation)
    #expect(
      await refusal { () throws(TopicRefusal) in try await controller.grow("b", to: 2, assignments: nil, .make) }
        == .unknownTopicOrPartition)
    #expect(
      await refusal { () throws(TopicRefusal) in try await controller.delete(WireUUID(high: 1, low: 1)) }
        == .unknownTopicID)
    _ = try await controller.create(TopicWish(name: "valid"), .validate)
    try await controller.grow("a.b", to: 2, assignments: nil, .validate)
    #expect(scene.table.snapshot.topics.map(\.name) == ["a.b"])
    #expect(scene.table.snapshot.topic(made.id)?.partitions.count == 1)
    #expect(try scene.folders == ["a.b-0"])
    // The name is free again once its topic is gone.
    try await controller.delete(made.id)
    _ = try await controller.create(TopicWish(name: "a_b"))
  }

  /// Goal: the broker's own topics are made once and neither deleted nor grown by clients.
  @Test func `the broker's own topics`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    let topic = try await scene.controller.internalTopic("__consumer_offsets")
    #expect(topic.isInternal)
    #expect(topic.partitions.count == 1)
    #expect(topic.partitions[0].withLog { $0.options.cleanup } == .compact)
    #expect(try await scene.controller.internalTopic("__consumer_offsets").id == topic.id)
    await #expect(throws: TopicRefusal.self) { try await scene.controller.delete(topic.id) }
    await #expect(throws: TopicRefusal.self) {
      try await scene.controller.grow("__consumer_offsets", to: 2, assignments: nil, .make)
    }
  }

  /// Goal: changes follow one another whoever asks, and each answers for itself.
  @Test func `many changes at once`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20 {
        group.addTask {
          do { _ = try await scene.controller.create(TopicWish(name: "t\(number)")) } catch {
            Issue.record("t\(number): \(error)")
          }
        }
        group.addTask { _ = try? await scene.controller.create(TopicWish(name: "same")) }
      }
    }
    #expect(scene.table.snapshot.topics.count == 21)
    let again = try TopicsScene(in: scene.directory)
    #expect(Set(again.table.snapshot.topics.map(\.id)) == Set(scene.table.snapshot.topics.map(\.id)))
  }

  /// Goal: a changed config is what the running partitions go by, and what they go by after a start.
  @Test func `changed configs`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    _ = try await scene.controller.create(TopicWish(name: "t"))
    let partition = try #require(scene.table.partition("t", 0))
    #expect(partition.withLog { $0.options.flush } == .group)
    let step = ConfigAlteration.Step(name: "flush.ms", operation: .set, value: "100")
    try await scene.controller.alter(topic: "t", .steps([step]), .make)
    #expect(partition.withLog { $0.options.flush } == .interval(milliseconds: 100))
    try await scene.controller.alter(
      broker: .broker, .steps([.init(name: "log.retention.ms", operation: .set, value: "5000")]), .make)
    #expect(partition.withLog { $0.options.retentionMilliseconds } == 5_000)
    try await scene.controller.alter(
      broker: .everyBroker, .steps([.init(name: "log.retention.ms", operation: .set, value: "6000")]), .make)
    #expect(partition.withLog { $0.options.retentionMilliseconds } == 5_000)
    try await scene.controller.alter(topic: "t", .replacement([]), .make)
    #expect(partition.withLog { $0.options.flush } == .group)
    try await scene.controller.alter(broker: .broker, .replacement([]), .make)

    let again = try TopicsScene(in: scene.directory)
    let options = try #require(again.table.partition("t", 0)).withLog { $0.options }
    #expect(options.retentionMilliseconds == 6_000)
    #expect(options.flush == .group)
  }

  /// Goal: no producer id comes back, whether the broker stopped or was killed.
  @Test func `producer ids`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    func ids(_ scene: TopicsScene, _ count: Int) async throws -> [Int64] {
      let ids = ProducerIDs(scene.controller)
      var given: [Int64] = []
      for _ in 0..<count {
        given.append(
          try await withCheckedThrowingContinuation { continuation in
            ids.next(on: scene.loop) { continuation.resume(with: $0) }
          })
      }
      return given
    }
    let first = try await ids(scene, 1_500)
    #expect(first == Array(0..<1_500))
    let second = try await ids(try TopicsScene(in: scene.directory), 1)
    #expect(second == [2_000])
  }

  @Test func `topics that clients ask for`() async throws {
    let scene = try TopicsScene(start: ["num.partitions": "2"])
    defer { scene.remove() }
    let asked = AskedTopics(scene.controller)
    #expect(asked.missing("wanted") == .unknownTopicOrPartition)
    #expect(asked.missing("wanted") == .unknownTopicOrPartition)
    // It comes in its turn.
    while scene.table.snapshot.topic("wanted") == nil {
      _ = try await scene.controller.create(TopicWish(name: "next"), .validate)
    }
    #expect(scene.table.snapshot.topic("wanted")?.partitions.count == 2)

    let closed = try TopicsScene(start: ["auto.create.topics.enable": "false"])
    defer { closed.remove() }
    #expect(AskedTopics(closed.controller).missing("wanted") == .unknownTopicOrPartition)
    _ = try await closed.controller.create(TopicWish(name: "next"))
    #expect(closed.table.snapshot.topics.map(\.name) == ["next"])
  }

  @Test func `a controller that has stopped`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    _ = try await scene.controller.create(TopicWish(name: "t"))
    await scene.controller.stop()
    await #expect(throws: TopicRefusal.self) { _ = try await scene.controller.create(TopicWish(name: "u")) }
    #expect(try DiskFiles().contents(of: "\(scene.directory)/metadata.log") == [])
    #expect(try TopicsScene(in: scene.directory).table.snapshot.topics.map(\.name) == ["t"])
  }
}
