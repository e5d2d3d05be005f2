/// One setting of the broker, as clients see it.
package struct BrokerConfig: Sendable {
  /// When it can be changed.
  package enum Change: Sendable {
    /// While the broker runs.
    case anytime
    /// By a start with other settings.
    case atStart
  }

  /// Its name.
  package let name: String
  /// Its type.
  package let type: ConfigType
  /// What holds where nothing was set; nil where that is nothing.
  package let defaultValue: String?
  /// What it may be.
  package let rule: ConfigRule
  /// When it can be changed.
  package let change: Change
  /// What it is, for people.
  package let documentation: String

  /// The value in the form in which it is kept.
  package func normalized(_ value: String) throws(ConfigRefusal) -> String {
    try ConfigValue.normalized(value, type, rule, name: name)
  }

  /// The setting of that name.
  package static func named(_ name: String) -> BrokerConfig? { byName[name] }

  /// Every setting, by name: those that topics follow, and those of the broker alone.
  package static let all: [BrokerConfig] = (followed + own).sorted { $0.name < $1.name }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private static let followed: [BrokerConfig] = TopicConfig.all.compactMap { config in
    config.brokerName.map { name in
      BrokerConfig(
        name: name, type: config.type, defaultValue: config.showsBrokerDefault ? config.defaultValue : nil,
        rule: config.rule, change: .anytime,
        documentation: "What \(config.name) is of topics that do not set it. " + config.documentation)
    }
  }

  private static let own: [BrokerConfig] = [
    fixed("node.id", .int, nil, "The broker's number."),
    fixed("broker.id", .int, nil, "The broker's number."),
    fixed("process.roles", .list, nil, "What the process is: there is one, and it is everything."),
    fixed("listeners", .list, nil, "Where the broker listens."),
    fixed("advertised.listeners", .list, nil, "Where clients are told to connect."),
    fixed("log.dir", .string, nil, "The folder of the data."),
    fixed("log.dirs", .list, nil, "The folder of the data."),
    fixed("auto.create.topics.enable", .boolean, "true", "Whether asking for a topic that is not there creates it."),
    fixed("delete.topic.enable", .boolean, "true", "Whether topics may be deleted."),
    fixed("num.partitions", .int, "1", "How many partitions a topic gets where nobody says."),
    fixed("default.replication.factor", .int, "1", "How many copies a partition gets where nobody says."),
    fixed("log.retention.hours", .int, "168", "What retention.ms is of topics that do not set it, in hours."),
    fixed("log.roll.hours", .int, "168", "What segment.ms is of topics that do not set it, in hours."),
    fixed("log.retention.check.interval.ms", .long, "300000", "How often old records are looked for."),
    fixed(
      "log.flush.offset.checkpoint.interval.ms", .int, "60000", "How often is noted up to where partitions are on disk."
    ),
    fixed("socket.request.max.bytes", .int, "104857600", "The most bytes of a request."),
    fixed("fetch.max.bytes", .int, "57671680", "The most bytes that a fetch answers with."),
    fixed("max.connections", .int, "4096", "The most connections at a time."),
    fixed("connections.max.idle.ms", .long, "600000", "How long a connection may be silent."),
    fixed("offset.metadata.max.bytes", .int, "4096", "The longest note beside a committed offset."),
    fixed("offsets.retention.minutes", .int, "10080", "How long the offsets of a group without members are kept."),
    fixed("offsets.topic.num.partitions", .int, "1", "The partitions of the topic that committed offsets are on."),
    fixed("offsets.topic.replication.factor", .short, "1", "The copies of that topic's partitions."),
    fixed("group.min.session.timeout.ms", .int, "6000", "The shortest session timeout that a member may ask for."),
    fixed("group.max.session.timeout.ms", .int, "1800000", "The longest session timeout that a member may ask for."),
    fixed("group.initial.rebalance.delay.ms", .int, "0", "How long a new group waits for more members."),
    fixed("producer.id.expiration.ms", .int, "86400000", "How long an idle producer's sequence is remembered."),
  ]

  private static func fixed(
    _ name: String, _ type: ConfigType, _ defaultValue: String?, _ documentation: String
  ) -> BrokerConfig {
    BrokerConfig(
      name: name, type: type, defaultValue: defaultValue, rule: .any, change: .atStart, documentation: documentation)
  }
}
