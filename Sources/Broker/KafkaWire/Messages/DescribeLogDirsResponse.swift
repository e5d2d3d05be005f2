/// How much the partitions take on the disk.
package struct DescribeLogDirsResponse: WireMessage {
  package static let key = APIKey.describeLogDirs

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The folders that hold partitions.
  package var results: [LogDirectory] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&errorCode, since: 3)
    try coder.field(&results)
    try coder.tags()
  }

  /// One folder.
  package struct LogDirectory: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// Its path.
    package var logDir: String = ""
    /// The topics in it.
    package var topics: [Topic] = []
    /// The size of the disk.
    package var totalBytes: Int64 = -1
    /// What is free on the disk.
    package var usableBytes: Int64 = -1

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&logDir)
      try coder.field(&topics)
      try coder.field(&totalBytes, since: 4)
      try coder.field(&usableBytes, since: 4)
      try coder.tags()
    }
  }

  /// One topic.
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
    /// Its bytes on the disk.
    package var partitionSize: Int64 = 0
    /// How many records it is behind.
    package var offsetLag: Int64 = 0
    /// Whether it is being moved here.
    package var isFutureKey: Bool = false

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&partitionIndex)
      try coder.field(&partitionSize)
      try coder.field(&offsetLag)
      try coder.field(&isFutureKey)
      try coder.tags()
    }
  }
}
