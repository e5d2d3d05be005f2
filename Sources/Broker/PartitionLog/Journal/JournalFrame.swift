internal import Checksums
internal import KafkaWire

/// What one commit writes into a journal: `length u32 | crc32c u32 | sequence u64 | version u16 | count u32 | entries`, numbers in
/// network byte order. The length counts what follows the checksum, and the checksum is of the same. An entry is
/// `topic id 16 bytes | folder u16 and UTF-8 | segment i64 | position i64 | length u32 | bytes`.
struct JournalFrame {
  /// What is brought back into a segment.
  struct Entry: Equatable {
    let topicID: WireUUID
    let folder: String
    let segment: Int64
    let position: Int64
    let bytes: ArraySlice<UInt8>
  }

  /// Frames are numbered over both files from a random number on, without a gap within one.
  let sequence: UInt64
  let entries: [Entry]

  static let version: UInt16 = 1
  static let headBytes = 8
  private static let leastLength = 14

  // MARK: writing

  /// The frame of what the entries point at, which is read from their files.
  ///
  /// - Throws: ``FileError``, also where a file is shorter than it was.
  static func encode(_ entries: [JournalEntry], sequence: UInt64, into frame: inout [UInt8]) throws(FileError) {
    frame.removeAll(keepingCapacity: true)
    frame.append(contentsOf: repeatElement(0, count: headBytes))
    BigEndian.append(sequence, to: &frame)
    BigEndian.append(version, to: &frame)
    BigEndian.append(UInt32(entries.count), to: &frame)
    for entry in entries {
      BigEndian.append(entry.topicID.high, to: &frame)
      BigEndian.append(entry.topicID.low, to: &frame)
      BigEndian.append(UInt16(entry.folder.utf8.count), to: &frame)
      frame += entry.folder.utf8
      BigEndian.append(entry.segment, to: &frame)
      BigEndian.append(entry.position, to: &frame)
      BigEndian.append(UInt32(entry.byteCount), to: &frame)
      let end = frame.count + entry.byteCount
      _ = try entry.file.read(entry.byteCount, at: entry.position, reach: .disk, into: &frame)
      guard frame.count == end else { throw FileError("pread", entry.file.path, FileError.inputOutput) }
    }
    BigEndian.put(UInt32(frame.count - headBytes), at: 0, in: &frame)
    BigEndian.put(CRC32C.checksum(frame[headBytes...]), at: 4, in: &frame)
  }

  // MARK: reading

  /// The frames that a file begins with, up to the first one that is not whole or does not follow the one before it.
  static func read(_ file: [UInt8]) -> [JournalFrame] {
    var (frames, rest): ([JournalFrame], ArraySlice<UInt8>) = ([], file[...])
    while let body = body(of: rest), let frame = JournalFrame(body) {
      if let last = frames.last, frame.sequence != last.sequence + 1 { break }
      frames.append(frame)
      rest = file[body.endIndex...]
    }
    return frames
  }

  /// What the checksum covers, where it is right.
  private static func body(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard bytes.count >= headBytes + leastLength else { return nil }
    let length = Int(BigEndian.number(UInt32.self, at: 0, in: bytes))
    guard length >= leastLength, length <= bytes.count - headBytes else { return nil }
    let body = bytes.dropFirst(headBytes).prefix(length)
    return CRC32C.checksum(body) == BigEndian.number(UInt32.self, at: 4, in: bytes) ? body : nil
  }

  private init?(_ body: ArraySlice<UInt8>) {
    sequence = BigEndian.number(UInt64.self, at: 0, in: body)
    guard BigEndian.number(UInt16.self, at: 8, in: body) == Self.version else { return nil }
    let count = Int(BigEndian.number(UInt32.self, at: 10, in: body))
    var (entries, rest): ([Entry], ArraySlice<UInt8>) = ([], body.dropFirst(Self.leastLength))
    for _ in 0..<count {
      guard let entry = Entry(takenFrom: &rest) else { return nil }
      entries.append(entry)
    }
    guard rest.isEmpty else { return nil }
    self.entries = entries
  }
}

extension JournalFrame.Entry {
  private static let fixedBytes = 38

  fileprivate init?(takenFrom bytes: inout ArraySlice<UInt8>) {
    guard bytes.count >= Self.fixedBytes else { return nil }
    let high = BigEndian.number(UInt64.self, at: 0, in: bytes)
    let low = BigEndian.number(UInt64.self, at: 8, in: bytes)
    let nameLength = Int(BigEndian.number(UInt16.self, at: 16, in: bytes))
    guard bytes.count >= Self.fixedBytes + nameLength else { return nil }
    let name = String(decoding: bytes.dropFirst(18).prefix(nameLength), as: UTF8.self)
    let places = bytes.dropFirst(18 + nameLength)
    let length = Int(BigEndian.number(UInt32.self, at: 16, in: places))
    guard places.count >= 20 + length else { return nil }
    self.init(
      topicID: WireUUID(high: high, low: low), folder: name, segment: BigEndian.number(Int64.self, at: 0, in: places),
      position: BigEndian.number(Int64.self, at: 8, in: places), bytes: places.dropFirst(20).prefix(length))
    bytes = places.dropFirst(20 + length)
  }
}
