/// Adds partitions to topics.
package struct CreatePartitionsRequest: WireRequest {
  package typealias Response = CreatePartitionsResponse
  package static let key = APIKey.createPartitions

  /// The topics.
  package var topics: [Topic] = []
  /// How long the broker may take.
  package var timeoutMilliseconds: Int32 = 0
  /// Whether to check the request and change nothing.
  package var validateOnly: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics)
    try coder.field(&timeoutMilliseconds)
    try coder.field(&validateOnly)
    try coder.tags()
  }

  /// What one topic is to have.
  package struct Topic: WireStructure {
    /// The topic.
    package var name: String = ""
    /// How many partitions it is to have.
    package var count: Int32 = 0
    /// Which brokers hold the new partitions; nil leaves it to the broker.
    package var assignments: [Assignment]?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&count)
      try coder.field(&assignments)
      try coder.tags()
    }
  }

  /// The brokers of one new partition.
  package struct Assignment: WireStructure {
    /// The brokers.
    package var brokerIDs: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&brokerIDs)
      try coder.tags()
    }
  }
}
