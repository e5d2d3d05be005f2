/// Deletes topics.
package struct DeleteTopicsRequest: WireRequest {
  package typealias Response = DeleteTopicsResponse
  package static let key = APIKey.deleteTopics

  /// The topics.
  package var topics: [Topic] = []
  /// The topics.
  package var topicNames: [String] = []
  /// How long the broker may take.
  package var timeoutMilliseconds: Int32 = 0

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics, since: 6)
    try coder.field(&topicNames, until: 5)
    try coder.field(&timeoutMilliseconds)
    try coder.tags()
  }

  /// One topic, by name or by identifier.
  package struct Topic: WireStructure {
    /// The topic's name; nil where its identifier is given.
    package var name: String?
    /// The topic, by identifier.
    package var topicID: WireUUID = .zero

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&topicID)
      try coder.tags()
    }
  }
}
