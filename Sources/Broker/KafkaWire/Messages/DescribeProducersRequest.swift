/// Asks which producers have written to partitions.
package struct DescribeProducersRequest: WireRequest {
  package typealias Response = DescribeProducersResponse
  package static let key = APIKey.describeProducers

  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics)
    try coder.tags()
  }

  /// One topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitionIndexes: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitionIndexes)
      try coder.tags()
    }
  }
}
