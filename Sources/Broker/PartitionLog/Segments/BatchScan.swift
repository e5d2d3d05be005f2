internal import KafkaWire

/// Walks the batches of a segment file from a position, with bounded memory. Offsets follow one another without a gap, so a batch
/// that does not begin where the one before it ended is damaged, although its checksum, which does not cover that, is right.
struct BatchScan {
  /// One batch and where it stands.
  struct Found {
    let batch: RecordBatch
    let position: Int64
    var end: Int64 { position + Int64(batch.byteCount) }
  }

  /// Whether checksums are looked at too.
  enum Depth { case shape, checksum }

  /// What is known of the batch at the position.
  enum Expectation: Equatable {
    /// It begins with the offset.
    case base(Int64)
    /// It ends with the offset.
    case last(Int64)
    /// It begins with the offset or behind: something was skipped.
    case from(Int64)
  }

  let file: any LogFile
  let end: Int64
  private let depth: Depth
  /// Bytes that are read at once.
  private let chunkByteCount: Int
  let reach: ReadReach
  private var chunk: ArraySlice<UInt8> = []
  /// The batch at the position, where it was looked at: its checksum is not taken twice.
  private var seen: Found?
  private(set) var position: Int64
  private(set) var expectation: Expectation
  /// Whether it has ended because what follows is not in memory.
  private(set) var isBlocked = false
  /// Whether it has ended because what follows is no whole batch.
  private(set) var isDamaged = false

  init(
    _ file: any LogFile, from position: Int64, to end: Int64, _ expectation: Expectation, _ depth: Depth,
    reach: ReadReach = .disk, chunkByteCount: Int = LogLimits.searchBytes
  ) {
    self.chunkByteCount = chunkByteCount
    self.file = file
    self.position = position
    self.end = end
    self.expectation = expectation
    self.depth = depth
    self.reach = reach
  }

  /// The next batch; nil at the end, at damage, or where memory ends.
  mutating func next() throws(FileError) -> Found? {
    guard let found = try look() else { return nil }
    seen = nil
    position = found.end
    expectation = .base(found.batch.lastOffset &+ 1)
    chunk = chunk.dropFirst(found.batch.byteCount)
    return found
  }

  /// The batch that `next` will give.
  mutating func look() throws(FileError) -> Found? {
    if seen == nil { seen = try judge() }
    return seen
  }

  private mutating func judge() throws(FileError) -> Found? {
    guard position < end, !isBlocked, !isDamaged else { return nil }
    guard end - position >= Int64(RecordBatchHeader.byteCount) else { return damaged() }
    guard try fill(RecordBatchHeader.byteCount) else { return nil }
    guard let byteCount = Self.plausibleByteCount(chunk, limit: end - position) else { return damaged() }
    guard try fill(byteCount) else { return nil }
    guard let batch = try? RecordBatch(firstOf: chunk), isExpected(batch), depth == .shape || batch.isChecksumValid
    else { return damaged() }
    return Found(batch: batch, position: position)
  }

  /// Goes on behind damage, at the next batch that is whole by its checksum; false where there is none, or memory ends.
  mutating func resume() throws(FileError) -> Bool {
    guard isDamaged else { return true }
    guard reach == .disk else {
      isBlocked = true
      return false
    }
    let search = ResumeSearch(file, behind: position, to: end, lowest: lowestBase)
    guard let found = try search.nextSound(afterClaimOf: chunk) else { return false }
    (position, chunk, isDamaged) = (found, [], false)
    expectation = .from(lowestBase)
    return true
  }

  /// The bytes of the batch that a header begins, where it can be one: of this format, of the only leader's epoch there is, and
  /// within the limit.
  static func plausibleByteCount(_ header: ArraySlice<UInt8>, limit: Int64) -> Int? {
    guard header.count >= RecordBatchHeader.byteCount, header[header.startIndex + RecordBatchHeader.magic] == 2,
      BigEndian.number(Int32.self, at: RecordBatchHeader.partitionLeaderEpoch, in: header) == 0,
      BigEndian.number(Int32.self, at: RecordBatchHeader.lastOffsetDelta, in: header) >= 0
    else { return nil }
    let length = Int64(BigEndian.number(Int32.self, at: RecordBatchHeader.batchLength, in: header))
    let byteCount = length + Int64(RecordBatchHeader.uncountedByteCount)
    guard byteCount >= Int64(RecordBatchHeader.byteCount), byteCount <= limit else { return nil }
    return Int(byteCount)
  }

  private var lowestBase: Int64 {
    switch expectation {
    case .base(let base): base + 1
    case .last(let last): last + 1
    case .from(let base): base
    }
  }

  private func isExpected(_ batch: RecordBatch) -> Bool {
    switch expectation {
    case .base(let base): batch.baseOffset == base
    case .last(let last): batch.lastOffset == last
    case .from(let base): batch.baseOffset >= base
    }
  }

  private mutating func damaged() -> Found? {
    isDamaged = true
    return nil
  }

  /// Sees that so many bytes are in the chunk; false where they are not.
  private mutating func fill(_ count: Int) throws(FileError) -> Bool {
    guard chunk.count < count else { return true }
    let wanted = max(count, chunkByteCount)
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

/// Looks for the batch that follows damaged bytes.
struct ResumeSearch {
  private let file: any LogFile
  private let damage: Int64
  private let end: Int64
  private let lowest: Int64

  init(_ file: any LogFile, behind damage: Int64, to end: Int64, lowest: Int64) {
    self.file = file
    self.damage = damage
    self.end = end
    self.lowest = lowest
  }

  /// The position of the next batch that is whole: where the damaged one claims to end, or else wherever one is.
  func nextSound(afterClaimOf header: ArraySlice<UInt8>) throws(FileError) -> Int64? {
    if header.count >= RecordBatchHeader.byteCount {
      let length = Int64(BigEndian.number(Int32.self, at: RecordBatchHeader.batchLength, in: header))
      let claimed = damage + length + Int64(RecordBatchHeader.uncountedByteCount)
      // Where the length is what is damaged, another batch may end there: then it is not the next by its offset.
      let last = Int64(BigEndian.number(Int32.self, at: RecordBatchHeader.lastOffsetDelta, in: header))
      if length > 0, claimed < end, try soundBase(at: claimed) == lowest + last { return claimed }
    }
    var start = damage + 1
    while end - start >= Int64(RecordBatchHeader.byteCount) {
      let window = try file.bytes(Int(min(Int64(LogLimits.scanBytes), end - start)), at: start)
      guard window.count >= RecordBatchHeader.byteCount else { return nil }
      let last = window.count - RecordBatchHeader.byteCount
      for offset in 0...last where window[offset + RecordBatchHeader.magic] == 2 {
        let candidate = start + Int64(offset)
        guard BatchScan.plausibleByteCount(window[offset...], limit: end - candidate) != nil else { continue }
        if try soundBase(at: candidate) != nil { return candidate }
      }
      start += Int64(last) + 1
    }
    return nil
  }

  /// The offset with which a whole batch begins there; nil where there is none.
  private func soundBase(at position: Int64) throws(FileError) -> Int64? {
    var scan = BatchScan(file, from: position, to: end, .from(lowest), .checksum)
    return try scan.next()?.batch.baseOffset
  }
}
