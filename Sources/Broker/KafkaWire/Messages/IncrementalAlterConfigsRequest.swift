/// Changes settings of topics and brokers.
package struct IncrementalAlterConfigsRequest: WireRequest {
  package typealias Response = IncrementalAlterConfigsResponse
  package static let key = APIKey.incrementalAlterConfigs

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

  /// The changes of one topic or broker.
  package struct Resource: WireStructure {
    /// 2 is a topic, 4 a broker.
    package var resourceType: Int8 = 0
    /// The topic's name, or the broker's number.
    package var resourceName: String = ""
    /// The changes.
    package var configs: [Config] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&resourceType)
      try coder.field(&resourceName)
      try coder.field(&configs)
      try coder.tags()
    }
  }

  /// The change of one setting.
  package struct Config: WireStructure {
    /// Its name.
    package var name: String = ""
    /// 0 sets it, 1 gives it back its default, 2 adds to its list, 3 takes out of its list.
    package var configOperation: Int8 = 0
    /// The value.
    package var value: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&configOperation)
      try coder.field(&value)
      try coder.tags()
    }
  }
}
