package import KafkaWire

/// Why a change of topics is refused, as Kafka answers it.
package struct TopicRefusal: Error, Equatable, Sendable {
  /// Kafka's number for it.
  package let code: ErrorCode
  /// The sentence beside it; nil where Kafka has none.
  package let message: String?

  /// A refusal from its parts.
  package init(_ code: ErrorCode, _ message: String? = nil) {
    self.code = code
    self.message = message
  }
}

/// What somebody wants a topic to be.
package struct TopicWish: Equatable, Sendable {
  /// Its name.
  package var name: String
  /// How many partitions, -1 for the broker's choice.
  package var partitionCount: Int32
  /// How many copies of each, -1 for the broker's choice.
  package var replicationFactor: Int16
  /// The brokers of each partition, where they are named.
  package var assignments: [Assignment]
  /// Its configs.
  package var configs: [Config]

  /// The brokers of one partition.
  package struct Assignment: Equatable, Sendable {
    package var partition: Int32
    package var brokers: [Int32]

    /// An assignment from its parts.
    package init(partition: Int32, brokers: [Int32]) {
      self.partition = partition
      self.brokers = brokers
    }
  }

  /// One config.
  package struct Config: Equatable, Sendable {
    package var name: String
    package var value: String?

    /// A config from its parts.
    package init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }

  /// A wish from its parts.
  package init(
    name: String, partitionCount: Int32 = -1, replicationFactor: Int16 = -1, assignments: [Assignment] = [],
    configs: [Config] = []
  ) {
    self.name = name
    self.partitionCount = partitionCount
    self.replicationFactor = replicationFactor
    self.assignments = assignments
    self.configs = configs
  }
}

/// What a topic may be called and how it may be made and grown. Pure.
package enum TopicRules {
  /// What a topic is made with.
  package struct Plan: Equatable, Sendable {
    package let partitionCount: Int32
    package let configs: [String: String]
  }

  /// The topics that the broker keeps its own records in.
  package static let internalNames: Set<String> = ["__consumer_offsets", "__transaction_state"]
  /// The name of the topic that Kafka keeps its own metadata on, and nobody may create.
  private static let metadataTopic = "__cluster_metadata"

  /// Refuses what cannot be a topic's name.
  package static func checkName(_ name: String) throws(TopicRefusal) {
    if let problem = problem(ofName: name) {
      throw TopicRefusal(.invalidTopicException, "Topic name is invalid: \(problem)")
    }
  }

  private static func problem(ofName name: String) -> String? {
    if name.isEmpty { return "the empty string is not allowed" }
    if name == "." || name == ".." { return "'\(name)' is not allowed" }
    if name.utf8.count > TopicLimits.nameLength {
      return "the length of '\(name)' is longer than the max allowed length \(TopicLimits.nameLength)"
    }
    guard name.utf8.allSatisfy(isAllowed) else {
      return "'\(name)' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    }
    return nil
  }

  private static func isAllowed(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    case _: false
    }
  }

  /// What two names must not have in common: metrics write points as underscores.
  package static func collisionKey(of name: String) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }

  /// What the wish comes to beside the topics there are, whose names are given by their collision keys.
  package static func plan(
    _ wish: TopicWish, existing names: [String: String], brokerID: Int32, broker: BrokerConfigs
  ) throws(TopicRefusal) -> Plan {
    try checkName(wish.name)
    guard wish.name != metadataTopic else {
      throw TopicRefusal(.invalidRequest, "Creation of internal topic \(wish.name) is prohibited.")
    }
    if let other = names[collisionKey(of: wish.name)] {
      guard other != wish.name else {
        throw TopicRefusal(.topicAlreadyExists, "Topic '\(wish.name)' already exists.")
      }
      throw TopicRefusal(.invalidTopicException, "Topic '\(wish.name)' collides with existing topic: \(other)")
    }
    return Plan(
      partitionCount: try partitionCount(wish, brokerID: brokerID, broker: broker),
      configs: try configs(wish, broker: broker))
  }

  private static func configs(_ wish: TopicWish, broker: BrokerConfigs) throws(TopicRefusal) -> [String: String] {
    let nulls = wish.configs.filter { $0.value == nil }.map(\.name)
    guard nulls.isEmpty else {
      throw TopicRefusal(
        .invalidConfig, "Null value not supported for topic configs: \(nulls.joined(separator: ", "))")
    }
    return try ConfigAlteration.topic(replacedBy: wish.configs, broker: broker)
  }

  private static func partitionCount(
    _ wish: TopicWish, brokerID: Int32, broker: BrokerConfigs
  ) throws(TopicRefusal) -> Int32 {
    guard wish.assignments.isEmpty else { return try assignedCount(wish, brokerID: brokerID) }
    guard wish.replicationFactor > 0 || wish.replicationFactor == -1 else {
      throw TopicRefusal(
        .invalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.")
    }
    guard wish.partitionCount > 0 || wish.partitionCount == -1 else {
      throw TopicRefusal(
        .invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
    }
    guard wish.replicationFactor <= 1 else {
      let factor = wish.replicationFactor
      throw TopicRefusal(
        .invalidReplicationFactor,
        "Unable to replicate the partition \(factor) time(s): The target replication factor of \(factor) "
          + "cannot be reached because only 1 broker(s) are registered.")
    }
    if wish.partitionCount > 0 { return wish.partitionCount }
    let standard = BrokerConfig.named("num.partitions").flatMap { broker.resolved($0).value }
    return standard.flatMap { Int32($0) } ?? 1
  }

  private static func assignedCount(_ wish: TopicWish, brokerID: Int32) throws(TopicRefusal) -> Int32 {
    guard wish.replicationFactor == -1 else { throw assignedToo("replication factor") }
    guard wish.partitionCount == -1 else { throw assignedToo("number of partitions") }
    var seen: Set<Int32> = []
    for assignment in wish.assignments {
      guard seen.insert(assignment.partition).inserted else {
        throw TopicRefusal(
          .invalidReplicaAssignment,
          "Found multiple manual partition assignments for partition \(assignment.partition)")
      }
      try checkBrokers(assignment.brokers, brokerID: brokerID)
    }
    guard seen == Set(0..<Int32(seen.count)) else {
      throw TopicRefusal(
        .invalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence")
    }
    return Int32(seen.count)
  }

  private static func assignedToo(_ what: String) -> TopicRefusal {
    TopicRefusal(.invalidRequest, "A manual partition assignment was specified, but \(what) was not set to -1.")
  }

  /// The brokers that are to hold a partition: this one, once.
  private static func checkBrokers(_ brokers: [Int32], brokerID: Int32) throws(TopicRefusal) {
    let prefix = "The manual partition assignment includes"
    guard !brokers.isEmpty else { throw TopicRefusal(.invalidReplicaAssignment, "\(prefix) an empty replica list.") }
    if let other = brokers.first(where: { $0 != brokerID }) {
      throw TopicRefusal(
        .invalidReplicaAssignment, "\(prefix) broker \(other), but no such broker is registered.")
    }
    guard brokers.count == 1 else {
      throw TopicRefusal(.invalidReplicaAssignment, "\(prefix) the broker \(brokerID) more than once.")
    }
  }

  /// Refuses what a topic cannot grow to.
  package static func checkGrowth(
    of name: String, from current: Int32, to count: Int32, assignments: [[Int32]]?, brokerID: Int32
  ) throws(TopicRefusal) {
    guard count != current else {
      throw TopicRefusal(.invalidPartitions, "Topic already has \(current) partition(s).")
    }
    guard count > current else {
      throw TopicRefusal(
        .invalidPartitions,
        "The topic \(name) currently has \(current) partition(s); \(count) would not be an increase.")
    }
    guard let assignments else { return }
    guard assignments.count == Int(count - current) else {
      throw TopicRefusal(
        .invalidReplicaAssignment,
        "Attempted to add \(count - current) additional partition(s), but only \(assignments.count) "
          + "assignment(s) were specified.")
    }
    for brokers in assignments { try checkBrokers(brokers, brokerID: brokerID) }
  }

  /// Refuses a change of what the broker keeps its own records in.
  package static func checkOwner(of name: String) throws(TopicRefusal) {
    guard internalNames.contains(name) else { return }
    throw TopicRefusal(.policyViolation, "Topic '\(name)' is the broker's own: it is not deleted and does not grow.")
  }

  /// Refuses what would be more partitions than there may be.
  package static func checkRoom(adding added: Int32, to present: Int) throws(TopicRefusal) {
    guard Int(added) <= TopicLimits.partitions - present else {
      throw TopicRefusal(
        .policyViolation,
        "This broker has \(present) partitions and holds at most \(TopicLimits.partitions): "
          + "\(added) more are too many.")
    }
  }
}
