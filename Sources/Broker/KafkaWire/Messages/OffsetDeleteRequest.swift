/// Removes a group's offsets of topics that it does not read.
package struct OffsetDeleteRequest: WireRequest {
  package typealias Response = OffsetDeleteResponse
  package static let key = APIKey.offsetDelete

  /// The group.
  package var groupID: String = ""
  /// The topics.
  package var topics: [Topic] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID)
    try coder.field(&topics)
    try coder.tags()
  }

  /// What to remove of one topic.
  package struct Topic: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitions: [Partition] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitions)
      try coder.tags()
    }
  }

  /// One partition.
  package struct Partition: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.tags()
    }
  }
}
