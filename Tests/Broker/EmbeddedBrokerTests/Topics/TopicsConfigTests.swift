import KafkaWire
import Testing

@testable import EmbeddedBroker

/// What Apache Kafka 4.3 answered to the same questions.
struct TopicsConfigTests {
  private func message(_ name: String, _ value: String?) -> String? {
    do throws(TopicRefusal) {
      _ = try ConfigAlteration.topic(replacedBy: [.init(name: name, value: value)], broker: BrokerConfigs())
      return nil
    } catch {
      return error.message
    }
  }

  private func kept(_ name: String, _ value: String) throws -> String? {
    try ConfigAlteration.topic(replacedBy: [.init(name: name, value: value)], broker: BrokerConfigs())[name]
  }

  /// Goal: the settings that DescribeConfigs answers with are Kafka's, each with a default that it accepts itself.
  @Test func `the table`() throws {
    let visible = TopicConfig.all.filter { !$0.isInternal }
    #expect(visible.count == 33)
    #expect(visible.map(\.name) == visible.map(\.name).sorted())
    for config in TopicConfig.all {
      #expect(try config.normalized(config.defaultValue) == config.defaultValue, "\(config.name)")
      #expect(!config.documentation.isEmpty)
      #expect(config.brokerName.map { BrokerConfig.named($0) != nil } ?? true)
    }
    for config in BrokerConfig.all {
      guard let value = config.defaultValue else { continue }
      #expect(try config.normalized(value) == value, "\(config.name)")
    }
  }

  @Test(arguments: [
    ("nope", "1", "Unknown topic config name: nope"),
    ("message.format.version", "1.0", "Unknown topic config name: message.format.version"),
    ("retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG"),
    ("retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG"),
    ("retention.ms", "1.5", "Invalid value 1.5 for configuration retention.ms: Not a number of type LONG"),
    ("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1"),
    (
      "segment.bytes", "1048575",
      "Invalid value 1048575 for configuration segment.bytes: Value must be at least 1048576"
    ),
    (
      "segment.bytes", "2147483648",
      "Invalid value 2147483648 for configuration segment.bytes: Not a number of type INT"
    ),
    ("flush.messages", "0", "Invalid value 0 for configuration flush.messages: Value must be at least 1"),
    ("segment.index.bytes", "3", "Invalid value 3 for configuration segment.index.bytes: Value must be at least 4"),
    (
      "min.cleanable.dirty.ratio", "1.1",
      "Invalid value 1.1 for configuration min.cleanable.dirty.ratio: Value must be no more than 1"
    ),
    (
      "min.cleanable.dirty.ratio", "x",
      "Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE"
    ),
    (
      "cleanup.policy", "foo",
      "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete"
    ),
    (
      "compression.type", "none",
      "Invalid value none for configuration compression.type: "
        + "String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer"
    ),
    (
      "compression.gzip.level", "0",
      "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1"
    ),
    (
      "compression.lz4.level", "18",
      "Invalid value 18 for configuration compression.lz4.level: Value must be no more than 17"
    ),
    (
      "unclean.leader.election.enable", "yes",
      "Invalid value yes for configuration unclean.leader.election.enable: Expected value to be either true or false"
    ),
    (
      "leader.replication.throttled.replicas", "x",
      "Invalid value [x] for configuration leader.replication.throttled.replicas: "
        + "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: "
        + "[partitionId]:[brokerId],[partitionId]:[brokerId],..."
    ),
    (
      "remote.storage.enable", "true",
      "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
    ),
  ]) func `values that are not allowed`(name: String, value: String, message: String) {
    #expect(self.message(name, value) == message)
  }

  @Test(arguments: [
    ("retention.ms", " 5 ", "5"), ("retention.ms", "+5", "5"), ("retention.ms", "-1", "-1"),
    ("cleanup.policy", "compact, delete", "compact,delete"), ("cleanup.policy", "", ""),
    ("preallocate", "TRUE", "true"), ("min.cleanable.dirty.ratio", "1", "1.0"), ("retention.bytes", "-2", "-2"),
    ("leader.replication.throttled.replicas", "0:1,1:1", "0:1,1:1"),
    ("leader.replication.throttled.replicas", "*", "*"), ("internal.segment.bytes", "1000", "1000"),
  ]) func `values that are allowed`(name: String, value: String, kept: String) throws {
    #expect(try self.kept(name, value) == kept)
  }

  @Test func `what is wrong with two values together`() {
    #expect(throws: TopicRefusal.self) {
      try ConfigAlteration.topic(
        replacedBy: [
          .init(name: "min.compaction.lag.ms", value: "10"), .init(name: "max.compaction.lag.ms", value: "5"),
        ], broker: BrokerConfigs())
    }
  }

  @Test func `changes one by one`() throws {
    func altered(_ current: [String: String], _ steps: ConfigAlteration.Step...) throws -> [String: String] {
      try ConfigAlteration.topic(current, steps, broker: BrokerConfigs())
    }
    let policy = "cleanup.policy"
    var configs = try altered([:], .init(name: policy, operation: .append, value: "compact"))
    #expect(configs == [policy: "delete,compact"])
    configs = try altered(configs, .init(name: policy, operation: .append, value: "compact"))
    #expect(configs == [policy: "delete,compact"])
    configs = try altered(
      configs, .init(name: policy, operation: .subtract, value: "delete"),
      .init(name: "retention.ms", operation: .set, value: "5"))
    #expect(configs == [policy: "compact", "retention.ms": "5"])
    configs = try altered(configs, .init(name: policy, operation: .subtract, value: "compact"))
    #expect(configs == [policy: "", "retention.ms": "5"])
    configs = try altered(
      configs, .init(name: policy, operation: .delete, value: nil), .init(name: "nope", operation: .delete, value: nil))
    #expect(configs == ["retention.ms": "5"])
  }

  @Test(
    arguments: [
      (
        [("retention.ms", .append, "5")], .invalidConfig,
        "Can't APPEND to key retention.ms because its type is not LIST."
      ),
      ([("flush.ms", .set, nil)], .invalidRequest, "Null value not supported for : flush.ms"),
      ([("cleanup.policy", .append, nil)], .invalidRequest, "Null value not supported for : cleanup.policy"),
      ([("flush.ms", .set, "1"), ("flush.ms", .set, "2")], .invalidRequest, "Error due to duplicate config keys"),
      ([("flush.ms", .set, "3"), ("nope", .set, "1")], .invalidConfig, "Unknown topic config name: nope"),
    ] as [([(String, ConfigAlteration.Operation, String?)], ErrorCode, String)])
  func `changes that are not allowed`(
    steps: [(String, ConfigAlteration.Operation, String?)], code: ErrorCode, message: String
  ) {
    #expect(throws: TopicRefusal(code, message)) {
      try ConfigAlteration.topic(
        ["flush.ms": "1"], steps.map { .init(name: $0.0, operation: $0.1, value: $0.2) }, broker: BrokerConfigs())
    }
  }

  @Test func `changes of the broker`() throws {
    let altered = try ConfigAlteration.broker(
      [:], [.init(name: "log.retention.ms", operation: .set, value: "1000")])
    #expect(altered == ["log.retention.ms": "1000"])
    #expect(throws: TopicRefusal(.invalidRequest, "Cannot update these configs dynamically: [node.id]")) {
      try ConfigAlteration.broker([:], [.init(name: "node.id", operation: .set, value: "2")])
    }
    #expect(throws: TopicRefusal.self) {
      try ConfigAlteration.broker([:], [.init(name: "nope", operation: .set, value: "2")])
    }
  }

  /// Goal: the value that holds, where it comes from and what else there is, as clients are told.
  @Test func `where values come from`() throws {
    let segment = try #require(TopicConfig.named("segment.bytes"))
    let retention = try #require(TopicConfig.named("retention.ms"))
    let standard = ConfigSynonym(name: "log.segment.bytes", value: "134217728", source: .standard)
    #expect(
      BrokerConfigs().resolved(segment, topic: [:])
        == ResolvedConfig(value: "134217728", source: .standard, synonyms: [standard]))
    #expect(
      BrokerConfigs().resolved(segment, topic: ["segment.bytes": "1048576"])
        == ResolvedConfig(
          value: "1048576", source: .topic,
          synonyms: [ConfigSynonym(name: "segment.bytes", value: "1048576", source: .topic), standard]))
    #expect(
      BrokerConfigs().resolved(retention, topic: [:])
        == ResolvedConfig(value: "604800000", source: .standard, synonyms: []))
    let broker = BrokerConfigs(
      start: ["log.retention.ms": "1"], broker: ["log.retention.ms": "2"], everyBroker: ["log.retention.ms": "3"])
    let resolved = broker.resolved(retention, topic: [:])
    #expect(resolved.value == "2")
    #expect(resolved.source == .broker)
    #expect(resolved.synonyms.map(\.source) == [.broker, .everyBroker, .start])
  }
}
