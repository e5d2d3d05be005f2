/// The brokers, the topics and who leads their partitions.
package struct MetadataResponse: WireMessage {
  package static let key = APIKey.metadata

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The brokers.
  package var brokers: [Broker] = []
  /// The cluster's name.
  package var clusterID: String?
  /// The broker to ask for changes of topics.
  package var controllerID: Int32 = -1
  /// The topics.
  package var topics: [Topic] = []
  /// What the client may do with the cluster, as bits; the least number where it did not ask.
  package var clusterAuthorizedOperations: Int32 = .min

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 3)
    try coder.field(&brokers)
    try coder.field(&clusterID, since: 2)
    try coder.field(&controllerID, since: 1)
    try coder.field(&topics)
    try coder.field(&clusterAuthorizedOperations, since: 8, until: 10)
    try coder.tags()
  }

  /// One broker.
  package struct Broker: WireStructure {
    /// Its number.
    package var nodeID: Int32 = 0
    /// Where it is reached.
    package var host: String = ""
    /// Where it is reached.
    package var port: Int32 = 0
    /// Where it stands.
    package var rack: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&nodeID)
      try coder.field(&host)
      try coder.field(&port)
      try coder.field(&rack, since: 1)
      try coder.tags()
    }
  }

  /// One topic.
  package struct Topic: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// Its name; nil where it was asked for by an identifier that nobody has.
    package var name: String? = ""
    /// The topic, by identifier.
    package var topicID: WireUUID = .zero
    /// Whether it is the broker's own.
    package var isInternal: Bool = false
    /// Its partitions.
    package var partitions: [Partition] = []
    /// What the client may do with it, as bits; the least number where it did not ask.
    package var topicAuthorizedOperations: Int32 = .min

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&name, nullableSince: 12)
      try coder.field(&topicID, since: 10)
      try coder.field(&isInternal, since: 1)
      try coder.field(&partitions)
      try coder.field(&topicAuthorizedOperations, since: 8)
      try coder.tags()
    }
  }

  /// One partition.
  package struct Partition: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// The broker that leads it.
    package var leaderID: Int32 = 0
    /// The epoch of the partition's leader.
    package var leaderEpoch: Int32 = -1
    /// The brokers that hold it.
    package var replicaNodes: [Int32] = []
    /// Those of them that keep up with the leader.
    package var isrNodes: [Int32] = []
    /// Those of them that are not reached.
    package var offlineReplicas: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&partitionIndex)
      try coder.field(&leaderID)
      try coder.field(&leaderEpoch, since: 7)
      try coder.field(&replicaNodes)
      try coder.field(&isrNodes)
      try coder.field(&offlineReplicas, since: 5)
      try coder.tags()
    }
  }
}
