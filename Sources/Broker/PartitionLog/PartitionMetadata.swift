internal import KafkaWire

/// `partition.metadata`, which says of which topic a partition's folder is.
enum PartitionMetadata {
  static let fileName = "partition.metadata"

  /// What stands in it.
  static func text(_ topicID: WireUUID) -> [UInt8] { Array("version: 0\ntopic_id: \(topicID)".utf8) }
}
