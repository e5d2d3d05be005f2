internal import Checksums

/// The bytes of one segment file of the write-ahead log. Pure.
///
/// A segment is a header (magic and version, first index, CRC-32C) and records. A record is a header of 40 bytes — payload
/// length, kind, term, index, the last index that was durable when it was written, CRC-32C of the payload, CRC-32C of the header —
/// and the payload. Two checksums tell a record that was never wholly written from one that was damaged later: a
/// valid header promises its payload's length.
enum SegmentFormat {
  static let magic: [UInt8] = [0x4d, 0x52, 0x57, 0x41, 0x4c, 0, 0, 1]
  static let headerByteCount = 20
  static let recordHeaderByteCount = 40
  /// What disks write as a whole.
  static let sectorByteCount = 512

  /// What a segment holds.
  struct Contents {
    var entries: [LogEntry] = []
    /// Bytes up to the end of the last complete record; what follows was never durable.
    var validByteCount: Int
  }

  static func header(firstIndex: LogIndex) -> [UInt8] {
    var bytes = magic
    bytes.appendNumber(firstIndex.number)
    bytes.appendNumber(CRC32C.checksum(bytes))
    return bytes
  }

  /// Adds an entry's record. `durable` is the last index known to be on disk at this moment.
  static func append(_ entry: LogEntry, durable: LogIndex, to bytes: inout [UInt8]) {
    var header: [UInt8] = []
    header.appendNumber(UInt32(entry.payload.count))
    header.append(contentsOf: [entry.kind.byte, 0, 0, 0])
    header.appendNumber(entry.term.number)
    header.appendNumber(entry.index.number)
    header.appendNumber(durable.number)
    header.appendNumber(CRC32C.checksum(entry.payload))
    header.appendNumber(CRC32C.checksum(header))
    bytes.append(contentsOf: header)
    bytes.append(contentsOf: entry.payload)
  }

  /// Reads a whole segment. In the `last` one of a log an incomplete end is what a power cut leaves and is left out;
  /// anywhere else, and where a record that was durable is damaged, the segment is refused.
  static func parse(
    _ bytes: [UInt8], name: String, firstIndex: LogIndex, place: Place
  ) throws(ControllerError) -> Contents {
    guard bytes.starts(with: header(firstIndex: firstIndex)) else {
      if place == .last, isUnwrittenHeader(bytes) { return Contents(validByteCount: 0) }
      let isLater = bytes.count >= 8 && bytes.starts(with: magic.prefix(5)) && bytes[7] > magic[7]
      throw ControllerError(
        isLater ? .unknownFormat : .corrupt, "\(name): the segment's header is not one of this version")
    }
    var contents = Contents(validByteCount: headerByteCount)
    var expected = firstIndex
    while contents.validByteCount < bytes.count {
      switch record(in: bytes, at: contents.validByteCount) {
      case .complete(let entry, _):
        guard entry.index == expected else {
          throw ControllerError(
            .corrupt, "\(name): entry \(entry.index.number) stands where \(expected.number) should")
        }
        contents.entries.append(entry)
        contents.validByteCount += recordHeaderByteCount + entry.payload.count
        expected = expected.next
      case .unwritten where place == .last && !wasDurable(expected, in: bytes, after: contents.validByteCount):
        return contents
      case .unwritten, .damaged:
        throw ControllerError(
          .corrupt, "\(name): entry \(expected.number) at byte \(contents.validByteCount) is damaged")
      }
    }
    return contents
  }

  /// Where a segment stands in its log.
  enum Place {
    case middle
    case last
  }

  private enum Record {
    case complete(LogEntry, durable: LogIndex)
    /// Its end is missing, or a sector of it is all zero: it was not wholly written.
    case unwritten
    /// It is all there and not what was written.
    case damaged
  }

  private static func record(in bytes: [UInt8], at offset: Int) -> Record {
    guard offset + recordHeaderByteCount <= bytes.count else { return .unwritten }
    let headerEnd = offset + recordHeaderByteCount
    guard CRC32C.checksum(bytes[offset..<headerEnd - 4]) == bytes.number(at: headerEnd - 4, as: UInt32.self) else {
      return hasUnwrittenSector(bytes, offset..<headerEnd) ? .unwritten : .damaged
    }
    let end = headerEnd + Int(bytes.number(at: offset, as: UInt32.self))
    guard end <= bytes.count else { return .unwritten }
    let payload = Array(bytes[headerEnd..<end])
    guard CRC32C.checksum(payload) == bytes.number(at: headerEnd - 8, as: UInt32.self) else {
      return hasUnwrittenSector(bytes, headerEnd..<end) ? .unwritten : .damaged
    }
    let entry = LogEntry(
      term: Term(bytes.number(at: offset + 8, as: UInt64.self)),
      index: LogIndex(bytes.number(at: offset + 16, as: UInt64.self)),
      kind: LogEntryKind(byte: bytes[offset + 4]), payload: payload)
    return .complete(entry, durable: LogIndex(bytes.number(at: offset + 24, as: UInt64.self)))
  }

  /// Whether a later record says that the entry was durable when it was written itself: then what is wrong with the entry
  /// came later, and cutting here would lose what was answered for.
  private static func wasDurable(_ index: LogIndex, in bytes: [UInt8], after offset: Int) -> Bool {
    var position = offset + 1
    while position + recordHeaderByteCount <= bytes.count {
      if case .complete(_, let durable) = record(in: bytes, at: position), durable >= index { return true }
      position += 1
    }
    return false
  }

  /// Whether some sector that the range touches is all zero from the range's start to the sector's or the file's end: a
  /// file grows before its blocks are written.
  private static func hasUnwrittenSector(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(bytes.count, (start / sectorByteCount + 1) * sectorByteCount)
      // A few zero bytes may be data; a whole sector, or the file's end, is not.
      if end - start >= 8 || end == bytes.count, bytes[start..<end].allSatisfy({ $0 == 0 }) { return true }
      start = end
    }
    return false
  }

  private static func isUnwrittenHeader(_ bytes: [UInt8]) -> Bool {
    bytes.count < headerByteCount || bytes.prefix(headerByteCount).allSatisfy { $0 == 0 }
  }
}
