internal import KafkaWire

/// For slices that are too large to be held: measured first, then read in pieces.
extension LogSlice {
  /// The slice, cut to what ``read(_:)`` would give. Holds little of it at a time. Nil where it is not all in memory and only
  /// memory may be read.
  ///
  /// - Throws: as ``read(_:)``.
  package func measured(_ reach: ReadReach) throws(PartitionLogError) -> LogSlice? {
    guard let file, byteCount > 0 else { return self }
    var walk = BatchWalk(file, from: position, to: position + Int64(byteCount), reach)
    var next = baseOffset
    do throws(FileError) {
      while let header = try walk.header() {
        // The limit cuts it.
        if walk.position > position, walk.claimedByteCount(header) > walk.remainingByteCount { break }
        guard let count = BatchScan.plausibleByteCount(header, limit: walk.remainingByteCount),
          BigEndian.number(Int64.self, at: RecordBatchHeader.baseOffset, in: header) == next
        else { break }
        if checks == .checksum, try !walk.isChecksumValid(count) { break }
        next += Int64(BigEndian.number(Int32.self, at: RecordBatchHeader.lastOffsetDelta, in: header)) + 1
        walk.pass(count)
      }
    } catch { throw PartitionLogError(error) }
    if walk.isBlocked { return nil }
    guard walk.position > position else { throw damage(file) }
    return LogSlice(
      file: file, position: position, byteCount: Int(walk.position - position), baseOffset: baseOffset, checks, nil)
  }

  /// Adds the bytes of a part of the slice to the output, as they are. False, and nothing is added, where they are not all in
  /// memory and only memory may be read.
  ///
  /// - Throws: ``PartitionLogError`` with `kafkaStorageError`, also where the file has become shorter.
  package func copy(
    _ range: Range<Int>, _ reach: ReadReach, into output: inout [UInt8]
  ) throws(PartitionLogError) -> Bool {
    guard let file, !range.isEmpty else { return true }
    let before = output.count
    do throws(FileError) {
      guard try file.read(range.count, at: position + Int64(range.lowerBound), reach: reach, into: &output) else {
        return false
      }
    } catch { throw PartitionLogError(error) }
    guard output.count - before == range.count else {
      throw PartitionLogError(.kafkaStorageError, "\(file.path) ends early")
    }
    return true
  }
}

/// Goes from header to header, and reads little between them.
private struct BatchWalk {
  private let file: any LogFile
  private let end: Int64
  private let reach: ReadReach
  /// Bytes from ``position`` on.
  private var chunk: ArraySlice<UInt8> = []
  private var lastByteCount = 0
  private(set) var position: Int64
  private(set) var isBlocked = false

  init(_ file: any LogFile, from position: Int64, to end: Int64, _ reach: ReadReach) {
    self.file = file
    self.position = position
    self.end = end
    self.reach = reach
  }

  var remainingByteCount: Int64 { end - position }

  /// The header at the position; nil where there is no room for one, or memory ends.
  mutating func header() throws(FileError) -> ArraySlice<UInt8>? {
    guard remainingByteCount >= Int64(RecordBatchHeader.byteCount) else { return nil }
    // Behind a large batch comes another: then its header is all that is read.
    let ahead = lastByteCount > LogLimits.searchBytes ? RecordBatchHeader.byteCount : LogLimits.walkBytes
    return try fill(RecordBatchHeader.byteCount, ahead: ahead) ? chunk : nil
  }

  /// What a header says of the batch's size, true or not.
  func claimedByteCount(_ header: ArraySlice<UInt8>) -> Int64 {
    Int64(BigEndian.number(Int32.self, at: RecordBatchHeader.batchLength, in: header))
      + Int64(RecordBatchHeader.uncountedByteCount)
  }

  mutating func isChecksumValid(_ byteCount: Int) throws(FileError) -> Bool {
    guard try fill(byteCount, ahead: LogLimits.walkBytes), let batch = try? RecordBatch(firstOf: chunk) else {
      return false
    }
    return batch.isChecksumValid
  }

  mutating func pass(_ byteCount: Int) {
    chunk = chunk.dropFirst(byteCount)
    position += Int64(byteCount)
    lastByteCount = byteCount
  }

  private mutating func fill(_ count: Int, ahead: Int) throws(FileError) -> Bool {
    guard chunk.count < count else { return true }
    var bytes: [UInt8] = []
    let wanted = Int(min(Int64(max(count, ahead)), remainingByteCount))
    guard try file.read(wanted, at: position, reach: reach, into: &bytes) else {
      isBlocked = true
      return false
    }
    chunk = bytes[...]
    return chunk.count >= count
  }
}
