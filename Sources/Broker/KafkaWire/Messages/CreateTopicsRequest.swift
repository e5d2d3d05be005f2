/// Creates topics.
package struct CreateTopicsRequest: WireRequest {
  package typealias Response = CreateTopicsResponse
  package static let key = APIKey.createTopics

  /// The topics.
  package var topics: [Topic] = []
  /// How long the broker may take.
  package var timeoutMilliseconds: Int32 = 0
  /// Whether to check the request and change nothing.
  package var validateOnly: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics)
    try coder.field(&timeoutMilliseconds)
    try coder.field(&validateOnly)
    try coder.tags()
  }

  /// One topic to create.
  package struct Topic: WireStructure {
    /// Its name.
    package var name: String = ""
    /// How many partitions; −1 leaves it to the broker.
    package var numPartitions: Int32 = 0
    /// How many replicas; −1 leaves it to the broker.
    package var replicationFactor: Int16 = 0
    /// Which brokers hold which partition, where the client chooses.
    package var assignments: [Assignment] = []
    /// Its settings.
    package var configs: [Config] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&numPartitions)
      try coder.field(&replicationFactor)
      try coder.field(&assignments)
      try coder.field(&configs)
      try coder.tags()
    }
  }

  /// The brokers of one partition.
  package struct Assignment: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// The brokers.
    package var brokerIDs: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&brokerIDs)
      try coder.tags()
    }
  }

  /// One setting.
  package struct Config: WireStructure {
    /// Its name.
    package var name: String = ""
    /// Its value.
    package var value: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&value)
      try coder.tags()
    }
  }
}
