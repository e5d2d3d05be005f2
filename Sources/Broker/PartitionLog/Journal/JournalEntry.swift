internal import KafkaWire

/// Bytes that a partition has appended and that its file is not synced with: what a commit journal takes of them.
package struct JournalEntry: Sendable {
  let topicID: WireUUID
  /// The name of the partition's folder in the data folder.
  let folder: String
  /// The base offset of the segment that they stand in.
  let segment: Int64
  /// Where they begin in the segment's file.
  let position: Int64
  /// How many they are.
  package let byteCount: Int
  let file: any LogFile
}
