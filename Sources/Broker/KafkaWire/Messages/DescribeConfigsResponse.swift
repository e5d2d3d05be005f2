/// The settings of topics and brokers.
package struct DescribeConfigsResponse: WireMessage {
  package static let key = APIKey.describeConfigs

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics and brokers.
  package var results: [ResourceResult] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&results)
    try coder.tags()
  }

  /// The settings of one topic or broker.
  package struct ResourceResult: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?
    /// 2 is a topic, 4 a broker.
    package var resourceType: Int8 = 0
    /// The topic's name, or the broker's number.
    package var resourceName: String = ""
    /// The settings.
    package var configs: [Config] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&errorMessage)
      try coder.field(&resourceType)
      try coder.field(&resourceName)
      try coder.field(&configs)
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
    /// What gives it a value, first the one that counts.
    package var synonyms: [Synonym] = []
    /// The type of the value, by Kafka's number.
    package var configType: Int8 = 0
    /// What it means.
    package var documentation: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&value)
      try coder.field(&readOnly)
      try coder.field(&configSource)
      try coder.field(&isSensitive)
      try coder.field(&synonyms)
      try coder.field(&configType, since: 3)
      try coder.field(&documentation, since: 3)
      try coder.tags()
    }
  }

  /// One setting that gives a value.
  package struct Synonym: WireStructure {
    /// Its name.
    package var name: String = ""
    /// Its value.
    package var value: String?
    /// Where the value comes from, by Kafka's number.
    package var source: Int8 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&value)
      try coder.field(&source)
      try coder.tags()
    }
  }
}
