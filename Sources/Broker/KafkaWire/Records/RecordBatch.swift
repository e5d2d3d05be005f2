internal import Checksums

/// A look at one record batch of format 2, which stays where it is: the only format that brokers still take.
package struct RecordBatch: Equatable, Sendable {
  /// The batch and nothing else.
  package let bytes: ArraySlice<UInt8>

  /// The batch that the bytes begin with.
  ///
  /// - Throws: `truncated` where the bytes end before the batch does, `malformedBatch` where it is of another format or
  ///   shorter than its own header. Nothing else is looked at: see ``isChecksumValid`` and ``contradiction``.
  package init(firstOf bytes: ArraySlice<UInt8>) throws(WireError) {
    guard bytes.count >= RecordBatchHeader.byteCount else {
      throw WireError(.truncated, "a batch of \(bytes.count) bytes is shorter than its header")
    }
    let magic = bytes[bytes.startIndex + RecordBatchHeader.magic]
    guard magic == 2 else { throw WireError(.malformedBatch, "a batch has the format \(magic)") }
    let length: Int32 = Self.number(in: bytes, at: RecordBatchHeader.batchLength)
    let byteCount = Int(length) + RecordBatchHeader.uncountedByteCount
    guard byteCount >= RecordBatchHeader.byteCount else {
      throw WireError(.malformedBatch, "a batch claims to have \(byteCount) bytes")
    }
    guard byteCount <= bytes.count else {
      throw WireError(.truncated, "a batch of \(byteCount) bytes stands in \(bytes.count)")
    }
    self.bytes = bytes.prefix(byteCount)
  }

  /// Bytes of the whole batch.
  package var byteCount: Int { bytes.count }
  /// The offset of the first record.
  package var baseOffset: Int64 { field(RecordBatchHeader.baseOffset) }
  /// The epoch of the leader that appended the batch.
  package var partitionLeaderEpoch: Int32 { field(RecordBatchHeader.partitionLeaderEpoch) }
  /// The checksum that the batch claims.
  package var checksum: UInt32 { field(RecordBatchHeader.checksum) }
  /// Compression, kind of time, transactional, control.
  package var attributes: Int16 { field(RecordBatchHeader.attributes) }
  /// The offset of the last record, counted from the first.
  package var lastOffsetDelta: Int32 { field(RecordBatchHeader.lastOffsetDelta) }
  /// What the times of the records are counted from, in milliseconds since 1970.
  package var baseTimestamp: Int64 { field(RecordBatchHeader.baseTimestamp) }
  /// The latest time of a record, in milliseconds since 1970.
  package var maxTimestamp: Int64 { field(RecordBatchHeader.maxTimestamp) }
  /// The producer; −1 is none that numbers its batches.
  package var producerID: Int64 { field(RecordBatchHeader.producerID) }
  /// The producer's epoch.
  package var producerEpoch: Int16 { field(RecordBatchHeader.producerEpoch) }
  /// The producer's number of the first record; −1 is none.
  package var baseSequence: Int32 { field(RecordBatchHeader.baseSequence) }
  /// How many records the batch claims.
  package var recordCount: Int32 { field(RecordBatchHeader.recordCount) }

  /// The offset of the last record. Wraps where a batch lies about it.
  package var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
  /// The producer's number of the last record: numbers go on at 0 behind the greatest.
  package var lastSequence: Int32 {
    guard baseSequence >= 0 else { return -1 }
    return Int32(truncatingIfNeeded: (Int64(baseSequence) + Int64(lastOffsetDelta)) & 0x7fff_ffff)
  }
  /// How the records are compressed; nil where the batch names no known way.
  package var compression: RecordCompression? {
    RecordCompression(rawValue: attributes & RecordBatchHeader.compressionMask)
  }
  /// Whether the broker set the time.
  package var hasLogAppendTime: Bool { attributes & RecordBatchHeader.logAppendTimeBit != 0 }
  /// Whether it belongs to a transaction.
  package var isTransactional: Bool { attributes & RecordBatchHeader.transactionalBit != 0 }
  /// Whether the broker made it to end a transaction.
  package var isControl: Bool { attributes & RecordBatchHeader.controlBit != 0 }

  /// Whether the bytes are those that the checksum was taken of.
  package var isChecksumValid: Bool {
    CRC32C.checksum(bytes.dropFirst(RecordBatchHeader.attributes)) == checksum
  }

  /// What the header contradicts itself in; nil where it is sound. Offsets and the checksum are not looked at.
  package var contradiction: String? {
    if compression == nil { return "the compression is unknown" }
    if recordCount <= 0 { return "the batch has \(recordCount) records" }
    if lastOffsetDelta != recordCount - 1 {
      return "the last of \(recordCount) records has the number \(lastOffsetDelta)"
    }
    // A sequence without a producer means nothing and is sent all the same: aiokafka writes 0.
    if producerID >= 0, producerEpoch < 0 { return "the producer has no epoch" }
    if producerID >= 0, baseSequence < 0, !isControl { return "the producer's records have no numbers" }
    return nil
  }

  /// What stands behind the header: the records, compressed or not.
  package var payload: ArraySlice<UInt8> { bytes.dropFirst(RecordBatchHeader.byteCount) }

  private func field<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
    Self.number(in: bytes, at: offset)
  }

  /// A number in network byte order; the caller knows that it is there.
  private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
    in bytes: ArraySlice<UInt8>, at offset: Int
  ) -> Number {
    unsafe Number(bigEndian: bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
