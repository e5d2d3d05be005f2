/// Percent-encoding (RFC 3986 section 2.1). The parser has checked that every percent sign starts two digits.
enum PercentDecoding {
  /// The text of a path's segment.
  ///
  /// - Throws: `badRequest` where its bytes are not UTF-8 (overlong forms and surrogates are not).
  static func segment(_ bytes: Span<UInt8>) throws(HTTPRefusal) -> String {
    guard let text = text(bytes, plusIsSpace: .no) else { throw .bad("The path is not UTF-8 once decoded.") }
    return text
  }

  /// Whether a plus sign stands for a space: in queries it does.
  enum PlusIsSpace { case yes, no }

  /// The decoded text; nil where its bytes are not UTF-8.
  static func text(_ bytes: Span<UInt8>, plusIsSpace: PlusIsSpace) -> String? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == HTTPByte.percent, index + 2 < bytes.count, let high = HTTPByte.hexValue(bytes[index + 1]),
        let low = HTTPByte.hexValue(bytes[index + 2])
      {
        decoded.append(high << 4 | low)
        index += 3
        continue
      }
      decoded.append(byte == HTTPByte.plus && plusIsSpace == .yes ? HTTPByte.space : byte)
      index += 1
    }
    return String(validating: decoded, as: UTF8.self)
  }
}
