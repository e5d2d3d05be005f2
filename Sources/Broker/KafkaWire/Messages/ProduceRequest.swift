/// Adds record batches to partitions.
package struct ProduceRequest: WireRequest {
  package typealias Response = ProduceResponse
  package static let key = APIKey.produce

  /// The name that a transactional producer keeps over restarts.
  package var transactionalID: String?
  /// Who must have the records before the answer: −1 all, 1 the leader, 0 nobody, and there is no answer.
  package var acks: Int16 = 0
  /// How long the broker may take.
  package var timeoutMilliseconds: Int32 = 0
  /// The topics.
  package var topicData: [TopicData] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&transactionalID, since: 3)
    try coder.field(&acks)
    try coder.field(&timeoutMilliseconds)
    try coder.field(&topicData)
    try coder.tags()
  }

  /// What goes to one topic.
  package struct TopicData: WireStructure {
    /// The topic.
    package var name: String = ""
    /// Its partitions.
    package var partitionData: [PartitionData] = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&partitionData)
      try coder.tags()
    }
  }

  /// What goes to one partition.
  package struct PartitionData: WireStructure {
    /// The partition.
    package var index: Int32 = 0
    /// The record batches, which share the frame's storage.
    package var records: ArraySlice<UInt8>?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&index)
      try coder.field(&records)
      try coder.tags()
    }
  }
}
