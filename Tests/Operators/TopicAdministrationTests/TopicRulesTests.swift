import LogContracts
import SimulationKit
import Testing

@testable import TopicAdministration

/// Transcripts: what is declared and what a cluster has lead to a list of differences, line by line.
@Suite struct TopicRulesTests {
  private static let tasks = TopicDeclaration.tasks
  private static let replies = TopicDeclaration.replies

  private func topic(
    _ declaration: TopicDeclaration, brokers: Int32 = 1, _ change: (inout ClusterTopic) -> Void = { _ in }
  ) -> ClusterTopic {
    let creation = TopicRules.creation(of: declaration, brokerCount: brokers)
    var topic = ClusterTopic(
      name: declaration.name, partitions: creation.partitions, replicationFactor: creation.replicationFactor,
      configuration: creation.configuration)
    change(&topic)
    return topic
  }

  private func lines(
    _ declared: [TopicDeclaration], brokers: Int32 = 1, losses: TopicRules.Losses = .refused, _ topics: ClusterTopic...
  ) -> [String] {
    TopicRules.differences(
      declared: declared, cluster: ClusterTopics(brokerCount: brokers, topics: topics), losses: losses
    ).map(\.description)
  }

  @Test("an empty cluster gets every topic, in the order of the declarations")
  func createsAll() {
    let differences = TopicRules.differences(
      declared: TopicDeclaration.all, cluster: ClusterTopics(brokerCount: 1, topics: []))
    #expect(differences.map(\.topic) == TopicDeclaration.all.map(\.name))
    #expect(
      differences.first?.explanation
        == "create with 8 partitions, 1 copies, cleanup.policy=delete max.message.bytes=8388608 min.insync.replicas=1"
        + " retention.ms=604800000")
  }

  @Test(
    "a topic is kept on three brokers at most, and two must have each record",
    arguments: [
      (1, 1, "1"), (2, 2, "1"), (3, 3, "2"), (7, 3, "2"), (0, 1, "1"),
    ])
  func copies(brokers: Int32, copies: Int32, inSync: String) {
    let creation = TopicRules.creation(of: .tasks, brokerCount: brokers)
    #expect(creation.replicationFactor == copies)
    #expect(creation.configuration["min.insync.replicas"] == inSync)
  }

  @Test("a topic without an age limit is kept for ever")
  func keptForEver() {
    #expect(TopicRules.creation(of: .functions, brokerCount: 1).configuration["retention.ms"] == "-1")
    #expect(TopicRules.creation(of: .executors, brokerCount: 1).configuration["cleanup.policy"] == "compact,delete")
  }

  @Test("what may be lost with the power is not waited for, and what is kept shortly has short files")
  func syncAndFiles() {
    let replies = TopicRules.creation(of: .replies, brokerCount: 1).configuration
    #expect(replies["flush.messages"] == "9223372036854775807")
    #expect(replies["flush.ms"] == "9223372036854775807")
    #expect(replies["segment.ms"] == "300000")
    #expect(replies["segment.bytes"] == "67108864")
    let logs = TopicRules.creation(of: .logs, brokerCount: 1).configuration
    #expect(logs["flush.ms"] == "100")
    #expect(logs["flush.messages"] == nil)
    #expect(logs["segment.ms"] == nil)
    #expect(TopicRules.creation(of: .tasks, brokerCount: 1).configuration["flush.ms"] == nil)
    let unset = topic(.logs) { $0.configuration["flush.ms"] = nil }
    #expect(lines([.logs], unset) == ["millrace.logs: set flush.ms: unknown -> 100"])
    let operators = topic(.tasks) { $0.configuration["flush.ms"] = "7" }
    #expect(lines([.tasks], operators) == [])
  }

  @Test("a cluster as declared has no differences, and other people's topics are left alone")
  func nothingToDo() {
    var cluster = ClusterTopics(brokerCount: 3, topics: TopicDeclaration.all.map { topic($0, brokers: 3) })
    cluster.topics.append(ClusterTopic(name: "orders", partitions: 1, replicationFactor: 1, configuration: [:]))
    #expect(TopicRules.differences(declared: TopicDeclaration.all, cluster: cluster) == [])
  }

  @Test("partitions are added where nothing refers to them by number")
  func partitionsAdded() {
    #expect(
      lines([Self.replies], topic(Self.replies) { $0.partitions = 2 }) == ["millrace.replies: add partitions: 2 -> 8"])
    #expect(lines([Self.replies], topic(Self.replies) { $0.partitions = 64 }) == [])
  }

  @Test(
    "the number of partitions of tasks stands: neither more nor fewer",
    arguments: [
      (1, "adding some would part records from those that refer to them by partition"), (9, "Kafka takes none away"),
    ])
  func partitionsStand(have: Int32, consequence: String) throws {
    let differences = TopicRules.differences(
      declared: [Self.tasks],
      cluster: ClusterTopics(brokerCount: 1, topics: [topic(Self.tasks) { $0.partitions = have }]), losses: .allowed)
    let refusal = try #require(differences.first?.refusal)
    #expect(differences.count == 1)
    #expect(refusal.kind == .wouldBreakAddressing)
    #expect(refusal.forbidsRunning)
    #expect(refusal.reason.hasPrefix("it has \(have) partitions, 8 are declared, and \(consequence); "))
  }

  @Test("records are kept longer without asking, and shorter only when losses are allowed")
  func retention() {
    let shorter = topic(Self.tasks) { $0.configuration["retention.ms"] = "1000" }
    #expect(lines([Self.tasks], shorter) == ["millrace.tasks: set retention.ms: 1000 -> 604800000"])
    let forEver = topic(Self.tasks) { $0.configuration["retention.ms"] = "-1" }
    #expect(
      lines([Self.tasks], forEver) == [
        "millrace.tasks: refused: retention.ms is -1, 604800000 is declared: older records would be deleted"
      ])
    #expect(
      lines([Self.tasks], losses: .allowed, forEver) == ["millrace.tasks: set retention.ms: -1 -> 604800000"])
    let longer = topic(Self.tasks) { $0.configuration["retention.ms"] = "604800001" }
    #expect(lines([Self.tasks], longer).map { $0.contains("refused") } == [true])
    let limited = topic(.functions) { $0.configuration["retention.ms"] = "604800000" }
    #expect(lines([.functions], limited) == ["millrace.functions: set retention.ms: 604800000 -> -1"])
  }

  @Test(
    "a cleanup that the topic does not have yet removes records: only when losses are allowed",
    arguments: [
      (TopicDeclaration.tasks, "compact", true), (.tasks, "compact,delete", false), (.functions, "delete", true),
      (.functions, "compact,delete", false), (.executors, "compact", true), (.executors, "delete", true),
      (.executors, "", true),
    ])
  func cleanup(declaration: TopicDeclaration, has: String, loses: Bool) {
    let existing = topic(declaration) { $0.configuration["cleanup.policy"] = has }
    let change = "\(declaration.name): set cleanup.policy: \(has) -> \(declaration.cleanup.rawValue)"
    let refused = lines([declaration], existing)
    if loses {
      #expect(refused.count == 1)
      #expect(refused.allSatisfy { $0.contains("refused: cleanup.policy is \(has), ") })
    } else {
      #expect(refused == [change])
    }
    #expect(lines([declaration], losses: .allowed, existing) == [change])
  }

  @Test("the order in which policies are named is no difference")
  func policyOrder() {
    #expect(lines([.executors], topic(.executors) { $0.configuration["cleanup.policy"] = "delete, compact" }) == [])
  }

  @Test("the largest message is put right in either direction: it loses nothing")
  func maximumMessage() {
    for has in ["1048588", "99999999"] {
      #expect(
        lines([Self.tasks], topic(Self.tasks) { $0.configuration["max.message.bytes"] = has })
          == ["millrace.tasks: set max.message.bytes: \(has) -> 8388608"])
    }
  }

  @Test("too few copies are reported, and their number decides how many must have a record")
  func tooFewCopies() {
    let alone = topic(Self.tasks, brokers: 1)
    #expect(
      lines([Self.tasks], brokers: 3, alone) == [
        "millrace.tasks: refused: partitions have 1 copies, 3 are possible: kafka-reassign-partitions adds them"
      ])
    let spread = topic(Self.tasks, brokers: 3) { $0.configuration["min.insync.replicas"] = "1" }
    #expect(lines([Self.tasks], brokers: 3, spread) == ["millrace.tasks: set min.insync.replicas: 1 -> 2"])
    #expect(lines([Self.tasks], brokers: 2, topic(Self.tasks, brokers: 3)) == [])
  }

  @Test("what the cluster does not tell is taken for the most that could be lost")
  func unknownConfiguration() {
    #expect(
      lines([Self.tasks], topic(Self.tasks) { $0.configuration = [:] }) == [
        "millrace.tasks: refused: cleanup.policy is unknown, delete is declared: delete would remove records that are kept"
          + " now",
        "millrace.tasks: refused: retention.ms is unknown, 604800000 is declared: older records would be deleted",
        "millrace.tasks: set max.message.bytes: unknown -> 8388608",
        "millrace.tasks: set min.insync.replicas: unknown -> 1",
      ])
  }

  @Test("property: once every difference is done, none is left but the refusals")
  func convergence() throws {
    try SeededProperty.holds(forSeeds: 500) { generator in
      let brokers = Int32.random(in: 1...5, using: &generator)
      let losses: TopicRules.Losses = generator.isOne(in: 2) ? .allowed : .refused
      var cluster = ClusterTopics(brokerCount: brokers, topics: [])
      for declaration in TopicDeclaration.all where !generator.isOne(in: 4) {
        cluster.topics.append(randomTopic(declaration, &generator))
      }
      let before = TopicRules.differences(declared: TopicDeclaration.all, cluster: cluster, losses: losses)
      let applied = TopicRulesTests.applied(before, to: cluster)
      let after = TopicRules.differences(declared: TopicDeclaration.all, cluster: applied, losses: losses)
      try SeededProperty.claim(after == before.filter { $0.refusal != nil }, "before \(before)\nafter \(after)")
      if losses == .allowed {
        try SeededProperty.claim(after.allSatisfy { $0.refusal?.kind != .wouldLoseRecords }, "\(after)")
      }
    }
  }

  private func randomTopic(_ declaration: TopicDeclaration, _ generator: inout SeededGenerator) -> ClusterTopic {
    ClusterTopic(
      name: declaration.name, partitions: .random(in: 1...12, using: &generator),
      replicationFactor: .random(in: 1...3, using: &generator),
      configuration: [
        "cleanup.policy": ["delete", "compact", "compact,delete", ""].randomElement(using: &generator) ?? "",
        "retention.ms": ["-1", "0", "604800000", "99999999999"].randomElement(using: &generator) ?? "",
        "max.message.bytes": ["1", "1048576", "8388608"].randomElement(using: &generator) ?? "",
        "min.insync.replicas": ["1", "2", "3"].randomElement(using: &generator) ?? "",
      ])
  }

  private static func applied(_ differences: [TopicDifference], to cluster: ClusterTopics) -> ClusterTopics {
    var cluster = cluster
    for difference in differences {
      let index = cluster.topics.firstIndex { $0.name == difference.topic }
      switch (difference.remedy, index) {
      case (.create(let creation), _):
        cluster.topics.append(
          ClusterTopic(
            name: difference.topic, partitions: creation.partitions, replicationFactor: creation.replicationFactor,
            configuration: creation.configuration))
      case (.addPartitions(_, let to), let index?): cluster.topics[index].partitions = to
      case (.changeConfiguration(let key, _, let to), let index?): cluster.topics[index].configuration[key] = to
      case (.refused, _), (.addPartitions, nil), (.changeConfiguration, nil): break
      }
    }
    return cluster
  }
}
