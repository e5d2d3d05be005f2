/// A topic as a cluster has it.
package struct ClusterTopic: Hashable, Sendable {
  /// The full name.
  package var name: String
  /// How many partitions it has, at least 1.
  package var partitions: Int32
  /// How many copies each partition has, at least 1.
  package var replicationFactor: Int32
  /// What holds for it, the broker's defaults included, except where only what is set for the topic counts: names and
  /// values as Kafka writes them. Names that are not there are not known.
  package var configuration: [String: String]

  /// A topic from its parts.
  package init(name: String, partitions: Int32, replicationFactor: Int32, configuration: [String: String]) {
    self.name = name
    self.partitions = partitions
    self.replicationFactor = replicationFactor
    self.configuration = configuration
  }
}

/// What of a cluster decides how its topics should be.
package struct ClusterTopics: Hashable, Sendable {
  /// How many brokers there are, at least 1.
  package var brokerCount: Int32
  /// The topics there are, ours and others'.
  package var topics: [ClusterTopic]

  /// A cluster from its parts.
  package init(brokerCount: Int32, topics: [ClusterTopic]) {
    self.brokerCount = brokerCount
    self.topics = topics
  }
}
