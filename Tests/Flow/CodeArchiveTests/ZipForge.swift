/// Makes zip archives, honest ones and others: each field of an entry can lie.
struct ZipForge {
  struct Entry {
    var name: [UInt8]
    var data: [UInt8]
    var method: UInt16 = 0
    var checksum: UInt32
    var byteCount: UInt32
    var compressedByteCount: UInt32
    var flags: UInt16 = 0x0800
    var madeBy: UInt16 = 3 << 8 | 20
    var mode: UInt32 = 0o100644
    /// What the entry's own header says where that differs.
    var localName: [UInt8]?
    var localByteCount: UInt32?
    var localChecksum: UInt32?
    /// Where the directory says the entry is, where that is not true.
    var offset: UInt32?

    init(_ name: String, _ data: [UInt8] = Array("x = 1\n".utf8)) { self.init(bytes: Array(name.utf8), data) }

    init(bytes name: [UInt8], _ data: [UInt8] = Array("x = 1\n".utf8)) {
      self.name = name
      self.data = data
      checksum = ZipForge.checksum(data)
      byteCount = UInt32(data.count)
      compressedByteCount = UInt32(data.count)
    }

    /// Zeros, deflated: as many as are wanted, or some more.
    init(_ name: String, zeros wanted: Int) {
      let count = 1 + (wanted - 1 + 257) / 258 * 258
      self.init(name, Deflate.zeros(count))
      method = 8
      checksum = ZipForge.checksum([UInt8](repeating: 0, count: count))
      byteCount = UInt32(count)
    }

    func with(_ change: (inout Entry) -> Void) -> Entry {
      var copy = self
      change(&copy)
      return copy
    }
  }

  var entries: [Entry]
  var comment: [UInt8] = []
  var countOffset = 0
  var prefix: [UInt8] = []

  init(_ entries: [Entry]) { self.entries = entries }

  var bytes: [UInt8] {
    var (bytes, directory): ([UInt8], [UInt8]) = (prefix, [])
    for entry in entries {
      let offset = entry.offset ?? UInt32(bytes.count)
      append(local: entry, to: &bytes)
      append(entry, offset: offset, to: &directory)
    }
    let start = bytes.count
    bytes += directory
    bytes += ZipForge.number(UInt32(0x0605_4b50)) + [0, 0, 0, 0]
    let count = UInt16(truncatingIfNeeded: entries.count + countOffset)
    bytes += ZipForge.number(count) + ZipForge.number(count)
    bytes += ZipForge.number(UInt32(directory.count)) + ZipForge.number(UInt32(start))
    bytes += ZipForge.number(UInt16(comment.count)) + comment
    return bytes
  }

  private func append(local entry: Entry, to bytes: inout [UInt8]) {
    let name = entry.localName ?? entry.name
    bytes += ZipForge.number(UInt32(0x0403_4b50)) + ZipForge.number(UInt16(20))
    bytes += ZipForge.number(entry.flags) + ZipForge.number(entry.method) + [0, 0, 0x21, 0]
    bytes += ZipForge.number(entry.localChecksum ?? entry.checksum) + ZipForge.number(entry.compressedByteCount)
    bytes += ZipForge.number(entry.localByteCount ?? entry.byteCount)
    bytes += ZipForge.number(UInt16(name.count)) + [0, 0] + name + entry.data
  }

  private func append(_ entry: Entry, offset: UInt32, to bytes: inout [UInt8]) {
    bytes += ZipForge.number(UInt32(0x0201_4b50)) + ZipForge.number(entry.madeBy) + ZipForge.number(UInt16(20))
    bytes += ZipForge.number(entry.flags) + ZipForge.number(entry.method) + [0, 0, 0x21, 0]
    bytes += ZipForge.number(entry.checksum) + ZipForge.number(entry.compressedByteCount)
    bytes += ZipForge.number(entry.byteCount) + ZipForge.number(UInt16(entry.name.count))
    bytes += [UInt8](repeating: 0, count: 8)
    bytes += ZipForge.number(entry.mode << 16) + ZipForge.number(offset) + entry.name
  }

  static func number(_ number: some FixedWidthInteger) -> [UInt8] {
    stride(from: 0, to: number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value = ~UInt32(0)
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return ~value
  }
}

/// Deflate streams (RFC 1951) of the fixed code.
enum Deflate {
  /// Zeros: one literal, then matches of 258 at distance 1, 13 bits each, until there are as many as wanted.
  static func zeros(_ count: Int) -> [UInt8] {
    var (bytes, bits, bitCount): ([UInt8], UInt32, UInt32) = ([], 0, 0)
    func put(_ value: UInt32, _ width: UInt32) {
      bits |= value << bitCount
      bitCount += width
      while bitCount >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
        bitCount -= 8
      }
    }
    put(0b011, 3)
    // Huffman codes go in from their most significant bit: literal 0 is 00110000, length 258 is 11000101, distance 1 is 00000.
    put(0b0000_1100, 8)
    for _ in 0..<((count - 1 + 257) / 258) {
      put(0b1010_0011, 8)
      put(0, 5)
    }
    put(0, 7)
    put(0, 7)
    return bytes
  }
}
