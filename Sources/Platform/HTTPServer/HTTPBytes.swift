internal import Glibc

/// The bytes that HTTP/1.1 gives a meaning to, and the sets its grammar is made of.
enum HTTPByte {
  static let tab: UInt8 = 9
  static let lineFeed: UInt8 = 10
  static let carriageReturn: UInt8 = 13
  static let space: UInt8 = 32
  static let hash: UInt8 = 35
  static let percent: UInt8 = 37
  static let ampersand: UInt8 = 38
  static let plus: UInt8 = 43
  static let comma: UInt8 = 44
  static let dot: UInt8 = 46
  static let slash: UInt8 = 47
  static let zero: UInt8 = 48
  static let one: UInt8 = 49
  static let colon: UInt8 = 58
  static let semicolon: UInt8 = 59
  static let equals: UInt8 = 61
  static let question: UInt8 = 63
  static let delete: UInt8 = 127

  /// Whether a set of ASCII, given as its two halves, has the byte.
  @inline(__always) private static func has(_ low: UInt64, _ high: UInt64, _ byte: UInt8) -> Bool {
    byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 != 0
  }

  /// RFC 9110 section 5.6.2: what methods and field names are made of.
  @inline(__always) static func isToken(_ byte: UInt8) -> Bool {
    has(0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe, byte)
  }
  /// Visible ASCII without `#`: RFC 3986, and the brackets and bars that browsers send.
  @inline(__always) static func isTarget(_ byte: UInt8) -> Bool { byte > space && byte < delete && byte != hash }
  /// RFC 3986 section 3.2: what a host and port are made of; no user information, and no comma: it joins two.
  @inline(__always) static func isHost(_ byte: UInt8) -> Bool {
    has(0x2fff_6ff2_0000_0000, 0x47ff_fffe_afff_fffe, byte)
  }
  /// What a field value is made of: no control bytes but the tab.
  @inline(__always) static func isText(_ byte: UInt8) -> Bool { byte >= space && byte != delete || byte == tab }
  /// Optional white space around values.
  @inline(__always) static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// The value of a hexadecimal digit.
  @inline(__always) static func hexValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte - zero }
    let letter = byte | 32
    return letter >= 97 && letter <= 102 ? letter - 87 : nil
  }
}

extension Span<UInt8> {
  /// Where the byte is found first, at or after `start`.
  @inline(__always) func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    unsafe withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let hit = unsafe memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(hit) - base
    }
  }

  /// Whether these exact bytes are at the offset.
  @inline(__always) func has(_ text: StaticString, at offset: Int) -> Bool {
    guard offset + text.utf8CodeUnitCount <= count else { return false }
    for index in 0..<text.utf8CodeUnitCount where unsafe self[offset + index] != text.utf8Start[index] { return false }
    return true
  }

  /// Whether the range is this text, which is given in lower case, in any case of ASCII letters.
  @inline(__always) func has(_ lowercase: StaticString, in range: Range<Int>) -> Bool {
    guard range.count == lowercase.utf8CodeUnitCount else { return false }
    for index in 0..<range.count {
      let byte = self[range.lowerBound + index]
      guard unsafe (byte &- 65 < 26 ? byte | 32 : byte) == lowercase.utf8Start[index] else { return false }
    }
    return true
  }

  /// Whether all of it is this text.
  func isExactly(_ text: String) -> Bool {
    let text = text.utf8
    guard text.count == count else { return false }
    var index = 0
    for byte in text {
      if self[index] != byte { return false }
      index += 1
    }
    return true
  }

  /// The range without white space at its ends.
  @inline(__always) func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, HTTPByte.isBlank(self[start]) { start += 1 }
    while end > start, HTTPByte.isBlank(self[end - 1]) { end -= 1 }
    return start..<end
  }

  /// Whether a comma-separated list has the token, given in lower case.
  func list(_ range: Range<Int>, has token: StaticString) -> Bool {
    var start = range.lowerBound
    while start <= range.upperBound {
      var end = start
      while end < range.upperBound, self[end] != HTTPByte.comma { end += 1 }
      if has(token, in: trimmed(start..<end)) { return true }
      start = end + 1
    }
    return false
  }
}
