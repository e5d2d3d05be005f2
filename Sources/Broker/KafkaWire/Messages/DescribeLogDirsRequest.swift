/// Asks how much the partitions take on the disk.
package struct DescribeLogDirsRequest: WireRequest {
  package typealias Response = DescribeLogDirsResponse
  package static let key = APIKey.describeLogDirs

  /// The topics; nil is all of them.
  package var topics: [Topic]?

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics)
    try coder.tags()
  }

  /// One topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var topic: String = ""
    /// Its partitions.
    package var partitions: [Int32] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&topic)
      try coder.field(&partitions)
      try coder.tags()
    }
  }
}
