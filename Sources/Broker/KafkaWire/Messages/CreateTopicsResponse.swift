/// Which topics were created. Its one known tagged field, why settings are not shown, is never set here.
package struct CreateTopicsResponse: WireMessage {
  package static let key = APIKey.createTopics

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var topics: [TopicResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&topics)
    try coder.tags()
  }

  /// The answer for one topic.
  package struct TopicResponse: WireStructure {
    /// The topic.
    package var name: String = ""
    /// The topic, by identifier.
    package var topicID: WireUUID = .zero
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?
    /// How many partitions it has.
    package var numPartitions: Int32 = -1
    /// How many replicas it has.
    package var replicationFactor: Int16 = -1
    /// Its settings.
    package var configs: [Config]?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&topicID, since: 7)
      try coder.field(&errorCode)
      try coder.field(&errorMessage)
      try coder.field(&numPartitions, since: 5)
      try coder.field(&replicationFactor, since: 5)
      try coder.field(&configs, since: 5)
      try coder.tags()
    }
  }

  /// One setting.
  package struct Config: WireStructure {
    /// Its name.
    package var name: String = ""
    /// Its value.
    package var value: String?
    /// Whether it cannot be changed.
    package var readOnly: Bool = false
    /// Where the value comes from, by Kafka's number.
    package var configSource: Int8 = -1
    /// Whether the value is kept back.
    package var isSensitive: Bool = false

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&value)
      try coder.field(&readOnly)
      try coder.field(&configSource)
      try coder.field(&isSensitive)
      try coder.tags()
    }
  }
}
