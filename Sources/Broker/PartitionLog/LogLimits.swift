/// The log's bounds.
package enum LogLimits {
  /// Batches of a producer that a repeated one is known by.
  package static let rememberedBatches = 5
  /// A producer that has sent nothing for so long is forgotten.
  package static let producerExpiryMilliseconds: Int64 = 86_400_000
  /// Producers known of one partition; the one that was silent longest makes room.
  package static let producersPerPartition = 20_000
  /// Producers known of all partitions; beyond it a partition forgets its own that were silent longest. One that has none takes one
  /// all the same, so they are at most so many and one for each partition.
  package static let producers = 200_000
  /// Files of closed segments held open at once, over all partitions.
  package static let openFiles = 512
  /// Appends whose place is known without a look into the index.
  static let recentBatches = 64
  /// Bytes read at once while a segment is scanned or searched.
  static let scanBytes = 256 << 10
  static let searchBytes = 8 << 10
  /// Bytes read at once while a slice is measured.
  static let walkBytes = 64 << 10
  /// Bytes between two entries of an index that is made anew.
  static let rebuiltIndexIntervalBytes = 4_096
  /// Bytes of one of the two files of a commit journal.
  package static let journalFileBytes = 16 << 20
  /// Segments that it holds bytes of, each of them open: with so many it is full. More than there are partitions.
  package static let journalSegments = 4_096
  /// Segments that a start brings bytes back into at a time.
  static let replayedTogether = 128
  /// Bytes of one partition, and of all, that a commit gives its journal: with more, segments are synced.
  static let journalEntryBytes: Int64 = 64 << 10
  package static let journalFrameBytes = 4 << 20
  /// What was found wrong and nobody has asked for yet.
  static let findings = 256
  /// Bytes of the smallest record: its length, attributes, two deltas, key, value and number of headers.
  static let smallestRecordBytes = 7
}
