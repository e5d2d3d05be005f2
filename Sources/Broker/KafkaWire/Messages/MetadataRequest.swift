/// Asks which topics there are, and which broker leads their partitions.
package struct MetadataRequest: WireRequest {
  package typealias Response = MetadataResponse
  package static let key = APIKey.metadata

  /// The topics; nil is all of them. In version 0 an empty list is all of them.
  package var topics: [Topic]?
  /// Whether a topic that is not there may be created.
  package var allowAutoTopicCreation: Bool = true
  /// Whether to say what the client may do with the cluster.
  package var includeClusterAuthorizedOperations: Bool = false
  /// Whether to say what the client may do with each topic.
  package var includeTopicAuthorizedOperations: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics, nullableSince: 1)
    try coder.field(&allowAutoTopicCreation, since: 4)
    try coder.field(&includeClusterAuthorizedOperations, since: 8, until: 10)
    try coder.field(&includeTopicAuthorizedOperations, since: 8)
    try coder.tags()
  }

  /// One topic, by name or by identifier.
  package struct Topic: WireStructure {
    /// The topic, by identifier; zero where it is named.
    package var topicID: WireUUID = .zero
    /// The topic's name; nil where its identifier is given.
    package var name: String? = ""

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&topicID, since: 10)
      try coder.field(&name, nullableSince: 10)
      try coder.tags()
    }
  }
}
