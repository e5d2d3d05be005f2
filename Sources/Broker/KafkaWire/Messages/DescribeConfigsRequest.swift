/// Asks for the settings of topics and brokers.
package struct DescribeConfigsRequest: WireRequest {
  package typealias Response = DescribeConfigsResponse
  package static let key = APIKey.describeConfigs

  /// The topics and brokers.
  package var resources: [Resource] = []
  /// Whether to say what else gives each setting a value.
  package var includeSynonyms: Bool = false
  /// Whether to say what each setting means.
  package var includeDocumentation: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&resources)
    try coder.field(&includeSynonyms)
    try coder.field(&includeDocumentation, since: 3)
    try coder.tags()
  }

  /// One topic or broker.
  package struct Resource: WireStructure {
    /// 2 is a topic, 4 a broker.
    package var resourceType: Int8 = 0
    /// The topic's name, or the broker's number.
    package var resourceName: String = ""
    /// The settings that are wanted; nil is all of them.
    package var configurationKeys: [String]?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&resourceType)
      try coder.field(&resourceName)
      try coder.field(&configurationKeys)
      try coder.tags()
    }
  }
}
