internal import KafkaWire

/// Walks the batches of a segment file from a position, with bounded memory.
struct BatchScan {
  /// One batch and where it stands.
  struct Found {
    let batch: RecordBatch
    let position: Int64
    var end: Int64 { position + Int64(batch.byteCount) }
  }

  /// Whether checksums are looked at too.
  enum Depth { case shape, checksum }

  private let file: any LogFile
  private let end: Int64
  private let depth: Depth
  private let reach: ReadReach
  private var chunk: ArraySlice<UInt8> = []
  private(set) var position: Int64
  /// Whether it has ended because what follows is not in memory.
  private(set) var isBlocked = false
  /// Whether it has ended because what follows is no whole batch.
  private(set) var isDamaged = false

  init(_ file: any LogFile, from position: Int64, to end: Int64, _ depth: Depth, reach: ReadReach = .disk) {
    self.file = file
    self.position = position
    self.end = end
    self.depth = depth
    self.reach = reach
  }

  /// The next batch; nil at the end, at damage, or where memory ends.
  mutating func next() throws(FileError) -> Found? {
    guard position < end, !isBlocked, !isDamaged else { return nil }
    guard end - position >= Int64(RecordBatchHeader.byteCount) else { return damaged() }
    guard try fill(RecordBatchHeader.byteCount) else { return nil }
    let length = Int64(BigEndian.number(Int32.self, at: RecordBatchHeader.batchLength, in: chunk))
    let byteCount = length + Int64(RecordBatchHeader.uncountedByteCount)
    guard byteCount >= Int64(RecordBatchHeader.byteCount), byteCount <= end - position,
      chunk[chunk.startIndex + RecordBatchHeader.magic] == 2
    else { return damaged() }
    guard try fill(Int(byteCount)) else { return nil }
    guard let batch = try? RecordBatch(firstOf: chunk), depth == .shape || batch.isChecksumValid else {
      return damaged()
    }
    let found = Found(batch: batch, position: position)
    position += byteCount
    chunk = chunk.dropFirst(Int(byteCount))
    return found
  }

  private mutating func damaged() -> Found? {
    isDamaged = true
    return nil
  }

  /// Sees that so many bytes are in the chunk; false where they are not.
  private mutating func fill(_ count: Int) throws(FileError) -> Bool {
    guard chunk.count < count else { return true }
    let wanted = max(count, depth == .checksum ? LogLimits.scanBytes : LogLimits.searchBytes)
    var bytes: [UInt8] = []
    guard try file.read(Int(min(Int64(wanted), end - position)), at: position, reach: reach, into: &bytes) else {
      isBlocked = true
      return false
    }
    chunk = bytes[...]
    if chunk.count < count { isDamaged = true }
    return chunk.count >= count
  }
}
