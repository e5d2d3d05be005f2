/// Reads the directory of a zip archive (PKWARE's APPNOTE 6.3.10) and holds every entry's local header to it. Pure, and stricter
/// than the format where leniency lets two readers see two archives: one end record, at the end; no zip64, no encryption, no
/// splitting; every byte range inside the archive and none in another.
struct ZipDirectory {
  /// An entry as the directory has it.
  struct Record {
    let index: Int
    let name: ArraySlice<UInt8>
    /// The system that made it: 0 DOS, 3 Unix, 19 macOS.
    let system: UInt8
    let externalAttributes: UInt32
    let method: UInt16
    let checksum: UInt32
    let compressedByteCount: Int
    let byteCount: Int
    let data: Range<Int>
  }

  private let bytes: [UInt8]
  private let start: Int
  private let end: Int
  private let count: Int

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let entrySignature: UInt32 = 0x0201_4b50
  private static let localSignature: UInt32 = 0x0403_4b50
  private static let zip64LocatorSignature: UInt32 = 0x0706_4b50
  private static let endByteCount = 22
  private static let entryByteCount = 46
  private static let localByteCount = 30
  private static let isEncrypted: UInt16 = 1 << 0
  private static let hasDescriptor: UInt16 = 1 << 3
  private static let isPatched: UInt16 = 1 << 5
  private static let isMasked: UInt16 = 1 << 13

  /// Finds the directory.
  init(_ bytes: [UInt8], limits: CodeArchiveLimits) throws(CodeArchiveError) {
    guard bytes.count <= limits.archiveByteCount else {
      throw CodeArchiveError(
        .tooLarge, "the archive has \(bytes.count) bytes; at most \(limits.archiveByteCount) are allowed")
    }
    let position = try ZipDirectory.endRecord(in: bytes)
    let word = { (offset: Int) in bytes.littleEndian(at: position + offset, as: UInt16.self) }
    let long = { (offset: Int) in Int(bytes.littleEndian(at: position + offset, as: UInt32.self)) }
    if position >= 20, bytes.littleEndian(at: position - 20, as: UInt32.self) == ZipDirectory.zip64LocatorSignature {
      throw CodeArchiveError(.unsupported, "the archive is of the zip64 form, which code of this size does not need")
    }
    guard word(4) == 0, word(6) == 0, word(8) == word(10) else {
      throw CodeArchiveError(.unsupported, "the archive is split")
    }
    self.bytes = bytes
    count = Int(word(10))
    start = long(16)
    end = position
    guard start + long(12) == position else {
      throw CodeArchiveError(.inconsistent, "the archive's directory is not where its end says")
    }
    guard count <= limits.entryCount else {
      throw CodeArchiveError(
        .tooManyEntries, "the archive has \(count) entries; at most \(limits.entryCount) are allowed")
    }
  }

  /// The one end record: its comment reaches exactly to the archive's end, and no other signature follows the directory.
  private static func endRecord(in bytes: [UInt8]) throws(CodeArchiveError) -> Int {
    guard bytes.count >= endByteCount else { throw CodeArchiveError(.notAnArchive, "this is not a zip archive") }
    var found: [Int] = []
    var position = bytes.count - endByteCount
    while position >= max(0, bytes.count - endByteCount - 65_535) {
      if bytes[position] == 0x50, bytes.littleEndian(at: position, as: UInt32.self) == endSignature {
        let commentByteCount = Int(bytes.littleEndian(at: position + 20, as: UInt16.self))
        if position + endByteCount + commentByteCount == bytes.count { found.append(position) }
      }
      position -= 1
    }
    guard let first = found.first else {
      throw CodeArchiveError(.notAnArchive, "this is not a zip archive, or its end is missing")
    }
    guard found.count == 1 else { throw CodeArchiveError(.inconsistent, "the archive has more than one end") }
    return first
  }

  /// All entries, in the order of the directory.
  func records() throws(CodeArchiveError) -> [Record] {
    var records: [Record] = []
    records.reserveCapacity(count)
    var position = start
    for index in 0..<count {
      let (record, byteCount) = try record(index, at: position)
      records.append(record)
      position += byteCount
    }
    guard position == end else { throw CodeArchiveError(.inconsistent, "the archive's directory has entries too many") }
    try checkOverlap(records)
    return records
  }

  private func record(_ index: Int, at position: Int) throws(CodeArchiveError) -> (Record, byteCount: Int) {
    let word = { (offset: Int) in bytes.littleEndian(at: position + offset, as: UInt16.self) }
    let long = { (offset: Int) in bytes.littleEndian(at: position + offset, as: UInt32.self) }
    guard position + ZipDirectory.entryByteCount <= end, long(0) == ZipDirectory.entrySignature else {
      throw CodeArchiveError(.inconsistent, "the archive's directory has entries too few")
    }
    let nameEnd = position + ZipDirectory.entryByteCount + Int(word(28))
    let byteCount = ZipDirectory.entryByteCount + Int(word(28)) + Int(word(30)) + Int(word(32))
    guard position + byteCount <= end else {
      throw CodeArchiveError(.inconsistent, "an entry is longer than the directory")
    }
    let name = bytes[position + ZipDirectory.entryByteCount..<nameEnd]
    let (flags, method) = (word(8), word(10))
    guard flags & (ZipDirectory.isEncrypted | ZipDirectory.isPatched | ZipDirectory.isMasked) == 0 else {
      throw CodeArchiveError(.unsupported, "\(ArchiveRules.shown(name)) is encrypted")
    }
    guard method == 0 || method == 8 else {
      throw CodeArchiveError(
        .unsupported, "\(ArchiveRules.shown(name)) is compressed by method \(method); only deflate is known")
    }
    guard long(20) != .max, long(24) != .max, long(42) != .max, word(34) == 0 else {
      throw CodeArchiveError(.unsupported, "\(ArchiveRules.shown(name)) is of the zip64 form")
    }
    let data = try dataRange(
      of: name, at: Int(long(42)),
      like: Expected(
        flags: flags, method: method, checksum: long(16), compressedByteCount: long(20), byteCount: long(24)))
    let record = Record(
      index: index, name: name, system: bytes[position + 5], externalAttributes: long(38), method: method,
      checksum: long(16), compressedByteCount: Int(long(20)), byteCount: Int(long(24)), data: data)
    return (record, byteCount)
  }

  /// What the directory says of an entry, and its local header must say too.
  private struct Expected {
    let flags: UInt16
    let method: UInt16
    let checksum: UInt32
    let compressedByteCount: UInt32
    let byteCount: UInt32
  }

  private func dataRange(
    of name: ArraySlice<UInt8>, at position: Int, like expected: Expected
  ) throws(CodeArchiveError) -> Range<Int> {
    let word = { (offset: Int) in bytes.littleEndian(at: position + offset, as: UInt16.self) }
    let long = { (offset: Int) in bytes.littleEndian(at: position + offset, as: UInt32.self) }
    guard position + ZipDirectory.localByteCount <= start, long(0) == ZipDirectory.localSignature else {
      throw CodeArchiveError(.inconsistent, "\(ArchiveRules.shown(name)) is not where the directory says")
    }
    let nameStart = position + ZipDirectory.localByteCount
    let dataStart = nameStart + Int(word(26)) + Int(word(28))
    let dataEnd = dataStart + Int(expected.compressedByteCount)
    guard dataEnd <= start, bytes[nameStart..<nameStart + Int(word(26))].elementsEqual(name) else {
      throw CodeArchiveError(.inconsistent, "\(ArchiveRules.shown(name)) has another name or size in its own header")
    }
    // Written as a stream, the sizes stand behind the data and are zero here.
    let isStream = expected.flags & ZipDirectory.hasDescriptor != 0
    let agrees = { (offset: Int, value: UInt32) in long(offset) == value || isStream && long(offset) == 0 }
    guard word(6) & 0x2009 == expected.flags & 0x2009, word(8) == expected.method, agrees(14, expected.checksum),
      agrees(18, expected.compressedByteCount), agrees(22, expected.byteCount)
    else {
      throw CodeArchiveError(
        .inconsistent, "\(ArchiveRules.shown(name)) differs between its own header and the directory")
    }
    return dataStart..<dataEnd
  }

  /// No byte of data belongs to two entries.
  private func checkOverlap(_ records: [Record]) throws(CodeArchiveError) {
    let sorted = records.sorted { $0.data.lowerBound < $1.data.lowerBound }
    for (one, next) in zip(sorted, sorted.dropFirst()) {
      // Between the data of two entries stands the local header of the second.
      let header = ZipDirectory.localByteCount + next.name.count
      guard one.data.upperBound + header <= next.data.lowerBound else {
        throw CodeArchiveError(
          .inconsistent, "\(ArchiveRules.shown(next.name)) overlaps \(ArchiveRules.shown(one.name))")
      }
    }
  }
}

extension [UInt8] {
  /// The number whose first byte is at the offset, little-endian. The bytes must be there.
  func littleEndian<Number: FixedWidthInteger>(at offset: Int, as _: Number.Type) -> Number {
    var number: Number = 0
    for index in stride(from: Number.bitWidth / 8 - 1, through: 0, by: -1) {
      number = number << 8 | Number(truncatingIfNeeded: self[offset + index])
    }
    return number
  }

  mutating func appendLittleEndian(_ number: some FixedWidthInteger) {
    for shift in stride(from: 0, to: number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
