/// Which topics were deleted.
package struct DeleteTopicsResponse: WireMessage {
  package static let key = APIKey.deleteTopics

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var responses: [TopicResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&responses)
    try coder.tags()
  }

  /// The answer for one topic.
  package struct TopicResponse: WireStructure {
    /// The topic's name; nil where nobody has the identifier.
    package var name: String? = ""
    /// The topic, by identifier.
    package var topicID: WireUUID = .zero
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name, nullableSince: 6)
      try coder.field(&topicID, since: 6)
      try coder.field(&errorCode)
      try coder.field(&errorMessage, since: 5)
      try coder.tags()
    }
  }
}
