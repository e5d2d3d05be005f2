import Checksums
import KafkaWire

/// A batch whose records are compressed: gzip's form with nothing saved, for which no library is needed.
enum GzipBatch {
  /// The batch that compresses the records of an uncompressed one.
  static func of(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
    let batch = try RecordBatch(firstOf: bytes)
    let packed = gzip(Array(batch.payload))
    var result = Array(bytes.prefix(RecordBatchHeader.byteCount)) + packed
    put(Int32(result.count - RecordBatchHeader.uncountedByteCount), at: RecordBatchHeader.batchLength, in: &result)
    put(batch.attributes | 1, at: RecordBatchHeader.attributes, in: &result)
    sign(&result)
    return result
  }

  /// Gives the batch the checksum of what it holds.
  static func sign(_ batch: inout [UInt8]) {
    put(CRC32C.checksum(batch[RecordBatchHeader.attributes...]), at: RecordBatchHeader.checksum, in: &batch)
  }

  /// Writes a number in network byte order.
  static func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int, in bytes: inout [UInt8]) {
    let count = Number.bitWidth / 8
    for index in 0..<count {
      bytes[offset + index] = UInt8(truncatingIfNeeded: number >> Number(8 * (count - 1 - index)))
    }
  }

  /// One stored block of at most 65,535 bytes.
  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
      (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number(8 * $0)) }
    }
    var checksum = UInt32.max
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xedb8_8320 : checksum >> 1 }
    }
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(count) + little(~count) + bytes + little(~checksum)
      + little(UInt32(bytes.count))
  }
}
