/// Deletes the oldest records of partitions.
package struct DeleteRecordsRequest: WireRequest {
  package typealias Response = DeleteRecordsResponse
  package static let key = APIKey.deleteRecords

  /// The topics.
  package var topics: [Topic] = []
  /// How long the broker may take.
  package var timeoutMilliseconds: Int32 = 0

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&topics)
    try coder.field(&timeoutMilliseconds)
    try coder.tags()
  }

  /// What to delete of one topic.
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

  /// What to delete of one partition.
  package struct Partition: WireStructure {
    /// The partition.
    package var partitionIndex: Int32 = 0
    /// The first offset to keep; −1 keeps nothing that readers may see.
    package var offset: Int64 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&offset)
      try coder.tags()
    }
  }
}
