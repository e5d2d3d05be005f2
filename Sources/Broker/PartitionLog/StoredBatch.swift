internal import Checksums
internal import KafkaWire

/// A batch as it goes into the log: what was received, but for the offset and the leader's epoch, which the checksum does not
/// cover; and the broker's time where the topic wants it.
struct StoredBatch {
  /// The parts in order; the bulk of the batch is not copied.
  let parts: [ArraySlice<UInt8>]
  let byteCount: Int
  let lastOffset: Int64
  let maxTimestamp: Int64

  private static let patchedByteCount = RecordBatchHeader.magic

  init(_ batch: RecordBatch, baseOffset: Int64, logAppendTime: Int64?) {
    byteCount = batch.byteCount
    lastOffset = baseOffset + Int64(batch.lastOffsetDelta)
    maxTimestamp = logAppendTime ?? batch.maxTimestamp
    let patched = logAppendTime == nil ? Self.patchedByteCount : RecordBatchHeader.byteCount
    var head = Array(batch.bytes.prefix(patched))
    BigEndian.put(baseOffset, at: RecordBatchHeader.baseOffset, in: &head)
    BigEndian.put(Int32(0), at: RecordBatchHeader.partitionLeaderEpoch, in: &head)
    if let logAppendTime {
      BigEndian.put(
        batch.attributes | RecordBatchHeader.logAppendTimeBit, at: RecordBatchHeader.attributes, in: &head)
      BigEndian.put(logAppendTime, at: RecordBatchHeader.maxTimestamp, in: &head)
      let checksum = CRC32C.checksum(
        batch.payload.span, after: CRC32C.checksum(head[RecordBatchHeader.attributes...]))
      BigEndian.put(checksum, at: RecordBatchHeader.checksum, in: &head)
    }
    parts = [head[...], batch.bytes.dropFirst(patched)]
  }
}
