internal import Checksums

/// Writes one uncompressed record batch of format 2.
package struct RecordBatchBuilder {
  /// The offset of the first record: 0 for what a client sends.
  package var baseOffset: Int64 = 0
  /// The epoch of the leader; −1 for what a client sends.
  package var partitionLeaderEpoch: Int32 = -1
  /// The producer; −1 is none that numbers its batches.
  package var producerID: Int64 = -1
  /// The producer's epoch.
  package var producerEpoch: Int16 = -1
  /// The producer's number of the first record; −1 is none.
  package var baseSequence: Int32 = -1
  /// Bits of ``RecordBatchHeader``: transactional, control, kind of time.
  package var attributes: Int16 = 0

  /// How many records are in it.
  package private(set) var recordCount = 0
  private var baseTimestamp: Int64 = 0
  private var maxTimestamp: Int64 = -1
  private var payload: [UInt8] = []

  package init() {}

  /// Bytes that the batch has now.
  package var byteCount: Int { RecordBatchHeader.byteCount + payload.count }

  /// Adds a record. The first one's time, in milliseconds since 1970, is what the others' are counted from.
  package mutating func append(
    key: ArraySlice<UInt8>?, value: ArraySlice<UInt8>?, timestamp: Int64, headers: [Record.Header] = []
  ) {
    if recordCount == 0 { baseTimestamp = timestamp }
    maxTimestamp = max(maxTimestamp, timestamp)
    var body: [UInt8] = [0]
    Self.append(timestamp &- baseTimestamp, to: &body)
    Self.append(Int64(recordCount), to: &body)
    Self.append(sized: key, to: &body)
    Self.append(sized: value, to: &body)
    Self.append(Int64(headers.count), to: &body)
    for header in headers {
      Self.append(sized: header.name, to: &body)
      Self.append(sized: header.value, to: &body)
    }
    Self.append(Int64(body.count), to: &payload)
    payload.append(contentsOf: body)
    recordCount += 1
  }

  /// The batch with its checksum. A batch without records is one that compaction leaves for its producer's sequence.
  package func finish() -> [UInt8] {
    var batch: [UInt8] = []
    batch.reserveCapacity(byteCount)
    func append<Number: FixedWidthInteger>(_ number: Number) {
      unsafe withUnsafeBytes(of: number.bigEndian) { unsafe batch.append(contentsOf: $0) }
    }
    append(baseOffset)
    append(Int32(byteCount - RecordBatchHeader.uncountedByteCount))
    append(partitionLeaderEpoch)
    append(Int8(2))
    append(UInt32(0))
    append(attributes)
    append(Int32(recordCount) - 1)
    append(baseTimestamp)
    append(maxTimestamp)
    append(producerID)
    append(producerEpoch)
    append(baseSequence)
    append(Int32(recordCount))
    batch.append(contentsOf: payload)
    let checksum = CRC32C.checksum(batch[RecordBatchHeader.attributes...])
    for index in 0..<4 {
      batch[RecordBatchHeader.checksum + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - index * 8))
    }
    return batch
  }

  private static func append(sized bytes: ArraySlice<UInt8>?, to output: inout [UInt8]) {
    guard let bytes else { return append(-1, to: &output) }
    append(Int64(bytes.count), to: &output)
    output.append(contentsOf: bytes)
  }

  private static func append(_ number: Int64, to output: inout [UInt8]) {
    var rest = UInt64(bitPattern: number << 1 ^ number >> 63)
    while rest >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    output.append(UInt8(rest))
  }
}
