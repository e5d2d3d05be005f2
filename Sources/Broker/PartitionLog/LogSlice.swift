internal import KafkaWire

/// A stretch of a segment to be read, outside of whatever guards the partition: the file stays readable although it is closed or
/// removed meanwhile.
package struct LogSlice: Sendable {
  private let file: (any LogFile)?
  private let position: Int64
  private let byteCount: Int
  private let checks: Checks

  /// Whether checksums are looked at: what was written lately is as it was received, what has lain on the disk may not be.
  enum Checks: Sendable { case shape, checksum }

  /// No bytes.
  static let empty = LogSlice(file: nil, position: 0, byteCount: 0, .shape)

  init(file: (any LogFile)?, position: Int64, byteCount: Int, _ checks: Checks) {
    self.file = file
    self.position = position
    self.byteCount = byteCount
    self.checks = checks
  }

  /// Whether there is nothing to be read.
  package var isEmpty: Bool { byteCount == 0 }
  /// The most bytes that reading it gives.
  package var byteLimit: Int { byteCount }

  /// Whole batches, in order. Nil where they are not all in memory and only memory may be read.
  ///
  /// - Throws: ``PartitionLogError`` with `corruptMessage` where the first batch is damaged: one that follows it is cut off before,
  ///   and is the first of the next read. `kafkaStorageError` where the file cannot be read.
  package func read(_ reach: ReadReach) throws(PartitionLogError) -> ArraySlice<UInt8>? {
    guard let file, byteCount > 0 else { return [] }
    var bytes: [UInt8] = []
    do throws(FileError) {
      guard try file.read(byteCount, at: position, reach: reach, into: &bytes) else { return nil }
    } catch { throw PartitionLogError(error) }
    var whole = 0
    while bytes.count - whole >= RecordBatchHeader.byteCount {
      guard let batch = try? RecordBatch(firstOf: bytes[whole...]) else { break }
      if checks == .checksum, !batch.isChecksumValid {
        guard whole > 0 else {
          throw PartitionLogError(
            .corruptMessage, "the batch at offset \(batch.baseOffset) in \(file.path) is damaged on the disk")
        }
        break
      }
      whole += batch.byteCount
    }
    guard whole > 0 else {
      throw PartitionLogError(.corruptMessage, "\(file.path) is damaged at the byte \(position)")
    }
    return bytes[..<whole]
  }
}
