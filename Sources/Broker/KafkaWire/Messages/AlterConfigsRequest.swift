/// Replaces the settings of topics and brokers.
package struct AlterConfigsRequest: WireRequest {
  package typealias Response = AlterConfigsResponse
  package static let key = APIKey.alterConfigs

  /// The topics and brokers.
  package var resources: [Resource] = []
  /// Whether to check the request and change nothing.
  package var validateOnly: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&resources)
    try coder.field(&validateOnly)
    try coder.tags()
  }

  /// The settings of one topic or broker.
  package struct Resource: WireStructure {
    /// 2 is a topic, 4 a broker.
    package var resourceType: Int8 = 0
    /// The topic's name, or the broker's number.
    package var resourceName: String = ""
    /// The settings that it is to have, and no others.
    package var configs: [Config] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
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

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&value)
      try coder.tags()
    }
  }
}
