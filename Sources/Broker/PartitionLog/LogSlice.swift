internal import KafkaWire

/// A stretch of a segment to be read, outside of whatever guards the partition: the file stays readable although it is closed or
/// removed meanwhile.
package struct LogSlice: Sendable {
  let file: (any LogFile)?
  let position: Int64
  let byteCount: Int
  /// The offset of the first record.
  let baseOffset: Int64
  let checks: Checks
  private let findings: LogFindings?

  /// Whether checksums are looked at: what this process has written is as it was received, what has lain on the disk may not be.
  enum Checks: Sendable { case shape, checksum }

  /// No bytes.
  package static let empty = LogSlice(file: nil, position: 0, byteCount: 0, baseOffset: 0, .shape, nil)

  init(
    file: (any LogFile)?, position: Int64, byteCount: Int, baseOffset: Int64, _ checks: Checks,
    _ findings: LogFindings?
  ) {
    self.file = file
    self.position = position
    self.byteCount = byteCount
    self.baseOffset = baseOffset
    self.checks = checks
    self.findings = findings
  }

  /// Whether there is nothing to be read.
  package var isEmpty: Bool { byteCount == 0 }
  /// The most bytes that reading it gives; all of them where it was measured.
  package var byteLimit: Int { byteCount }
  /// Whether checksums are looked at, which takes time for large slices.
  package var isChecked: Bool { checks == .checksum }

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
    var next = baseOffset
    while bytes.count - whole >= RecordBatchHeader.byteCount {
      let rest = bytes[whole...]
      let length = BigEndian.number(Int32.self, at: RecordBatchHeader.batchLength, in: rest)
      guard Int64(length) + Int64(RecordBatchHeader.uncountedByteCount) <= Int64(rest.count) || whole == 0 else {
        break  // the limit cuts it
      }
      guard BatchScan.plausibleByteCount(rest, limit: Int64(rest.count)) != nil,
        let batch = try? RecordBatch(firstOf: rest), batch.baseOffset == next,
        checks == .shape || batch.isChecksumValid
      else {
        guard whole > 0 else { throw damage(file) }
        break
      }
      whole += batch.byteCount
      next = batch.lastOffset + 1
    }
    guard whole > 0 else { throw damage(file) }
    return bytes[..<whole]
  }

  func damage(_ file: any LogFile) -> PartitionLogError {
    findings?.add(LogFinding(.recordsDamaged, file.path, at: position, "a batch is not what was written"))
    return PartitionLogError(
      .corruptMessage, "the batch at offset \(baseOffset) in \(file.path), byte \(position), is damaged on the disk")
  }
}
