/// Which topics have more partitions now.
package struct CreatePartitionsResponse: WireMessage {
  package static let key = APIKey.createPartitions

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The topics.
  package var results: [TopicResult] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&results)
    try coder.tags()
  }

  /// The answer for one topic.
  package struct TopicResult: WireStructure {
    /// The topic.
    package var name: String = ""
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&errorCode)
      try coder.field(&errorMessage)
      try coder.tags()
    }
  }
}
