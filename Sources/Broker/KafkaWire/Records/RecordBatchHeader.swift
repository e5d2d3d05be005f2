/// Where the fields of a record batch of format 2 stand, counted from its start, and how many bytes they take.
package enum RecordBatchHeader {
  /// Bytes before the first record.
  package static let byteCount = 61
  /// Bytes that the field `batchLength` does not count: the base offset and itself.
  package static let uncountedByteCount = 12

  package static let baseOffset = 0
  package static let batchLength = 8
  package static let partitionLeaderEpoch = 12
  package static let magic = 16
  package static let checksum = 17
  /// The checksum covers everything from here to the end of the batch.
  package static let attributes = 21
  package static let lastOffsetDelta = 23
  package static let baseTimestamp = 27
  package static let maxTimestamp = 35
  package static let producerID = 43
  package static let producerEpoch = 51
  package static let baseSequence = 53
  package static let recordCount = 57

  /// The bits of `attributes` that name the compression.
  package static let compressionMask: Int16 = 0x07
  /// The bit that says that the broker set the time.
  package static let logAppendTimeBit: Int16 = 0x08
  /// The bit of a batch that belongs to a transaction.
  package static let transactionalBit: Int16 = 0x10
  /// The bit of a batch that the broker made to end a transaction.
  package static let controlBit: Int16 = 0x20
}
