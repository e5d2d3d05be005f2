/// Which settings were changed.
package struct IncrementalAlterConfigsResponse: WireMessage {
  package static let key = APIKey.incrementalAlterConfigs

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics and brokers.
  package var responses: [ResourceResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&responses)
    try coder.tags()
  }

  /// The answer for one topic or broker.
  package struct ResourceResponse: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?
    /// 2 is a topic, 4 a broker.
    package var resourceType: Int8 = 0
    /// The topic's name, or the broker's number.
    package var resourceName: String = ""

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&errorMessage)
      try coder.field(&resourceType)
      try coder.field(&resourceName)
      try coder.tags()
    }
  }
}
