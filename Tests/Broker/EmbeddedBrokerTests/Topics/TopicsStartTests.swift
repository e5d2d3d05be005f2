import KafkaWire
import PartitionLog
import Testing

@testable import EmbeddedBroker

/// What a start makes of a folder that a crash or a person has left.
@Suite(.timeLimit(.minutes(1)))
struct TopicsStartTests {
  private let files = DiskFiles()

  private func made(_ names: String...) async throws -> TopicsScene {
    let scene = try TopicsScene()
    for name in names {
      _ = try await scene.controller.create(TopicWish(name: name, partitionCount: 2))
      var builder = RecordBatchBuilder()
      builder.append(key: nil, value: [1], timestamp: 1_000)
      _ = try #require(scene.table.partition(name, 0)).append(
        builder.finish()[...], origin: .client, nowMilliseconds: 2_000, .written)
    }
    return scene
  }

  private func refusal(_ folder: String) -> BrokerError? {
    do {
      _ = try TopicsScene(in: folder)
      return nil
    } catch { return error as? BrokerError }
  }

  private func write(_ bytes: [UInt8], to path: String) throws {
    let file = try files.open(path, .empty)
    try file.write([bytes[...]], at: 0)
  }

  /// Goal: folders of a change that a crash cut short before it was recorded are put aside, for nobody was answered.
  @Test func `folders without records that no topic has`() async throws {
    let scene = try await made("a")
    defer { scene.remove() }
    for name in ["a-2", "b-0", "c.d-11"] {
      try files.makeDirectory("\(scene.directory)/\(name)")
      try write(
        Array("version: 0\ntopic_id: \(WireUUID(high: 9, low: 9))".utf8),
        to: "\(scene.directory)/\(name)/partition.metadata")
      try write([], to: "\(scene.directory)/\(name)/00000000000000000000.log")
    }
    let again = try TopicsScene(in: scene.directory)
    #expect(again.table.snapshot.topics.map(\.name) == ["a"])
    #expect(try again.folders.filter { !$0.hasSuffix("-delete") } == ["a-0", "a-1"])
    #expect(try again.folders.count == 5)
    await again.controller.removeRetired()
    #expect(try again.folders == ["a-0", "a-1"])
  }

  /// Goal: records that the metadata does not know of are never thrown away: the metadata may be what was lost.
  @Test func `a folder with records that no topic has`() async throws {
    let scene = try await made("a", "b")
    defer { scene.remove() }
    try write([], to: "\(scene.directory)/metadata.log")
    let refusal = try #require(self.refusal(scene.directory))
    #expect(refusal.code == .damaged)
    #expect(refusal.message.contains("a-0"))
    #expect(try scene.folders == ["a-0", "a-1", "b-0", "b-1"])
  }

  /// Goal: a deletion that was recorded is carried out by the next start, records or not.
  @Test func `folders of a deleted topic`() async throws {
    let scene = try await made("a", "b")
    defer { scene.remove() }
    let id = try #require(scene.table.snapshot.topic("a")).id
    let log = try files.open("\(scene.directory)/metadata.log", .existing)
    try log.write([MetadataFrames.frame(.deleteTopic(id))[...]], at: try log.byteCount())
    let again = try TopicsScene(in: scene.directory)
    #expect(again.table.snapshot.topics.map(\.name) == ["b"])
    #expect(try again.folders.filter { !$0.hasSuffix("-delete") } == ["b-0", "b-1"])
    _ = try await again.controller.create(TopicWish(name: "a"))
    #expect(again.table.partition("a", 0)?.bounds.logEndOffset == 0)
  }

  /// Goal: a folder that somebody has removed is made anew, and said so; the others are as they were.
  @Test func `a folder that is gone`() async throws {
    let scene = try await made("a")
    defer { scene.remove() }
    try files.removeDirectory("\(scene.directory)/a-0")
    let again = try TopicsScene(in: scene.directory)
    #expect(again.table.partition("a", 0)?.bounds.logEndOffset == 0)
    #expect(try again.folders == ["a-0", "a-1"])
  }

  @Test func `damaged metadata`() async throws {
    let scene = try await made("a", "b")
    defer { scene.remove() }
    let log = try files.open("\(scene.directory)/metadata.log", .existing)
    try log.write([[0xff, 0xff]], at: 12)
    let refusal = try #require(self.refusal(scene.directory))
    #expect(refusal.code == .damaged)
    #expect(refusal.message.contains("metadata.log, byte 0"))
  }

  /// Goal: a folder whose name is as long as a topic's allows is made, deleted and removed.
  @Test func `the longest name`() async throws {
    let scene = try TopicsScene()
    defer { scene.remove() }
    let name = String(repeating: "n", count: 249)
    let topic = try await scene.controller.create(TopicWish(name: name))
    try await scene.controller.delete(topic.id)
    await scene.controller.removeRetired()
    #expect(try scene.folders == [])
  }
}
