import KafkaWire
import Testing

@testable import EmbeddedBroker

/// What Apache Kafka 4.3 answered to the same questions.
struct TopicsRulesTests {
  private func refusal(_ wish: TopicWish, existing: [String] = []) -> TopicRefusal? {
    let names = Dictionary(
      existing.map { (TopicRules.collisionKey(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    do throws(TopicRefusal) {
      _ = try TopicRules.plan(wish, existing: names, brokerID: 1, broker: BrokerConfigs())
      return nil
    } catch { return error }
  }

  private func plan(_ wish: TopicWish, broker: BrokerConfigs = BrokerConfigs()) throws -> TopicRules.Plan {
    try TopicRules.plan(wish, existing: [:], brokerID: 1, broker: broker)
  }

  @Test(arguments: [
    ("", "Topic name is invalid: the empty string is not allowed"), (".", "Topic name is invalid: '.' is not allowed"),
    ("..", "Topic name is invalid: '..' is not allowed"),
    (
      "a/b",
      "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    ),
    (
      "ü",
      "Topic name is invalid: 'ü' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    ),
    (
      String(repeating: "x", count: 250),
      "Topic name is invalid: the length of '\(String(repeating: "x", count: 250))' is longer than the max allowed length 249"
    ),
  ]) func `names that are not allowed`(name: String, message: String) {
    #expect(refusal(TopicWish(name: name)) == TopicRefusal(.invalidTopicException, message))
  }

  @Test(arguments: ["a", "...", "A.b_c-9", String(repeating: "x", count: 249), "__foo"])
  func `names that are allowed`(name: String) {
    #expect(refusal(TopicWish(name: name)) == nil)
  }

  @Test func `names beside others`() {
    #expect(
      refusal(TopicWish(name: "c_a"), existing: ["c.a"])
        == TopicRefusal(.invalidTopicException, "Topic 'c_a' collides with existing topic: c.a"))
    #expect(
      refusal(TopicWish(name: "c.a"), existing: ["c.a"])
        == TopicRefusal(.topicAlreadyExists, "Topic 'c.a' already exists."))
    #expect(refusal(TopicWish(name: "c-a"), existing: ["c.a"]) == nil)
    #expect(refusal(TopicWish(name: "__cluster_metadata"))?.code == .invalidRequest)
  }

  @Test func `numbers of partitions and copies`() throws {
    #expect(refusal(TopicWish(name: "z", partitionCount: 0, replicationFactor: 1))?.code == .invalidPartitions)
    #expect(refusal(TopicWish(name: "z", partitionCount: -2, replicationFactor: 1))?.code == .invalidPartitions)
    #expect(refusal(TopicWish(name: "z", partitionCount: 1, replicationFactor: 0))?.code == .invalidReplicationFactor)
    #expect(refusal(TopicWish(name: "z", partitionCount: 1, replicationFactor: -2))?.code == .invalidReplicationFactor)
    #expect(refusal(TopicWish(name: "z", partitionCount: 1, replicationFactor: 2))?.code == .invalidReplicationFactor)
    #expect(try plan(TopicWish(name: "z")).partitionCount == 1)
    #expect(try plan(TopicWish(name: "z"), broker: BrokerConfigs(start: ["num.partitions": "6"])).partitionCount == 6)
    #expect(try plan(TopicWish(name: "z", partitionCount: 9, replicationFactor: 1)).partitionCount == 9)
  }

  @Test(
    arguments: [
      ([(0, [2])], "The manual partition assignment includes broker 2, but no such broker is registered."),
      ([(0, [1, 1])], "The manual partition assignment includes the broker 1 more than once."),
      ([(0, [])], "The manual partition assignment includes an empty replica list."),
      ([(0, [1]), (2, [1])], "partitions should be a consecutive 0-based integer sequence"),
      ([(0, [1]), (0, [1])], "Found multiple manual partition assignments for partition 0"),
    ] as [([(Int32, [Int32])], String)])
  func `assignments that are not allowed`(assignments: [(Int32, [Int32])], message: String) {
    let wish = TopicWish(name: "z", assignments: assignments.map { .init(partition: $0.0, brokers: $0.1) })
    #expect(refusal(wish) == TopicRefusal(.invalidReplicaAssignment, message))
  }

  @Test func `assignments that are allowed`() throws {
    let two = [TopicWish.Assignment(partition: 1, brokers: [1]), .init(partition: 0, brokers: [1])]
    #expect(try plan(TopicWish(name: "z", assignments: two)).partitionCount == 2)
    #expect(
      refusal(TopicWish(name: "z", replicationFactor: 1, assignments: two))
        == TopicRefusal(
          .invalidRequest,
          "A manual partition assignment was specified, but replication factor was not set to -1."))
    #expect(refusal(TopicWish(name: "z", partitionCount: 2, assignments: two))?.code == .invalidRequest)
  }

  @Test func `growth`() throws {
    func refusal(_ count: Int32, _ assignments: [[Int32]]? = nil) -> TopicRefusal? {
      do throws(TopicRefusal) {
        try TopicRules.checkGrowth(of: "t", from: 3, to: count, assignments: assignments, brokerID: 1)
        return nil
      } catch { return error }
    }
    #expect(refusal(3) == TopicRefusal(.invalidPartitions, "Topic already has 3 partition(s)."))
    let fewer = "The topic t currently has 3 partition(s); 2 would not be an increase."
    #expect(refusal(2) == TopicRefusal(.invalidPartitions, fewer))
    #expect(refusal(-1)?.code == .invalidPartitions)
    #expect(refusal(4) == nil)
    #expect(refusal(5, [[1], [1]]) == nil)
    #expect(
      refusal(5, [[1]])?.message
        == "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.")
    #expect(refusal(4, [[7]])?.code == .invalidReplicaAssignment)
  }

  @Test func `room for partitions`() throws {
    try TopicRules.checkRoom(adding: 4_000, to: 0)
    #expect(throws: TopicRefusal.self) { try TopicRules.checkRoom(adding: 1, to: 4_000) }
    #expect(throws: TopicRefusal.self) { try TopicRules.checkRoom(adding: .max, to: 1) }
  }
}
