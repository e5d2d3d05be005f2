import EventLog
import EventLoop
import LogContracts
import RealServers
import Testing

@testable import TopicAdministration

/// Against Apache Kafka: topics are made, repaired, and left alone where that would lose something.
@Suite(
  .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)), .serialized,
  .timeLimit(.minutes(3)))
struct TopicAdministratorTests {
  /// On a broker that no other test's topics are on.
  private func onLoop(_ body: @escaping @Sendable (EventLoop, LogAdmin) async throws -> Void) async throws {
    let broker = try await ApacheKafkaFixture.start()
    defer { broker.stop() }
    try await TopicsLoop.run(broker) { loop, _, admin in try await body(loop, admin) }
  }

  @Test("an empty cluster gets all topics, a second time there is nothing to do, and what drifts is put right")
  func life() async throws {
    try await onLoop { loop, admin in
      let administrator = TopicAdministrator(loop: loop, admin: admin)
      #expect(try await administrator.list().allSatisfy { $0.topic == nil })
      let first = try await administrator.apply()
      #expect(first.done.map(\.topic) == TopicDeclaration.all.map(\.name))
      #expect(first.refused == [])
      #expect(try await administrator.diff() == [])
      #expect(try await administrator.apply() == TopicApplication())
      let listed = try await administrator.list()
      #expect(listed.map { $0.topic?.partitions } == TopicDeclaration.all.map { $0.partitions })

      let name = TopicDeclaration.tasks.name
      try await admin.alterSettings(
        ofTopic: name, ["retention.ms": "1000", "max.message.bytes": "1048576", "segment.bytes": "1048576"])
      let repaired = try await administrator.apply()
      #expect(
        repaired.done.map(\.description) == [
          "\(name): set retention.ms: 1000 -> 604800000", "\(name): set max.message.bytes: 1048576 -> 8388608",
        ])
      #expect(try await administrator.diff() == [])
      // A setting that nobody declares is the operator's.
      #expect(try await admin.settings(ofTopic: name)["segment.bytes"]?.value == "1048576")

      // A broker's own default would do what it likes: a sync that is declared is set.
      let replies = TopicDeclaration.replies.name
      try await admin.alterSettings(ofTopic: replies, ["flush.ms": String?.none, "segment.ms": "1000"])
      #expect(
        try await administrator.apply().done.map(\.description) == [
          "\(replies): set flush.ms: unknown -> 9223372036854775807", "\(replies): set segment.ms: 1000 -> 300000",
        ])
      #expect(try await administrator.diff() == [])

      try await admin.alterSettings(ofTopic: name, ["retention.ms": "-1"])
      let refused = try await administrator.apply()
      #expect(refused.done == [])
      #expect(refused.refused.map(\.refusal?.kind) == [.wouldLoseRecords])
      #expect(refused.forbidding == [])
      let forced = try await TopicAdministrator(loop: loop, admin: admin, losses: .allowed).apply()
      #expect(forced.done.map(\.description) == ["\(name): set retention.ms: -1 -> 604800000"])
    }
  }

  @Test("partitions that are too few are added to replies and refused for tasks")
  func partitions() async throws {
    try await onLoop { loop, admin in
      try await admin.createTopics([
        TopicSpecification(name: TopicDeclaration.tasks.name, partitionCount: 1, replicationFactor: 1),
        TopicSpecification(
          name: TopicDeclaration.replies.name, partitionCount: 2, replicationFactor: 1,
          configuration: TopicRules.creation(of: .replies, brokerCount: 1).configuration),
      ])
      let administrator = TopicAdministrator(loop: loop, admin: admin, declared: [.tasks, .replies])
      let application = try await administrator.apply()
      #expect(
        application.done.map(\.remedy).contains(.addPartitions(from: 2, to: 8)), "\(application.done)")
      #expect(application.forbidding.map(\.topic) == [TopicDeclaration.tasks.name])
      #expect(try await administrator.list().map { $0.topic?.partitions } == [1, 8])
    }
  }

  @Test("two that apply at once both end with the topics as declared")
  func race() async throws {
    try await onLoop { loop, admin in
      let administrator = TopicAdministrator(loop: loop, admin: admin)
      async let first = administrator.apply()
      async let second = administrator.apply()
      let applications = try await [first, second]
      #expect(applications.allSatisfy { $0.refused == [] })
      #expect(try await administrator.diff() == [])
    }
  }
}
