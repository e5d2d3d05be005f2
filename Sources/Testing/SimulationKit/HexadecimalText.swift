/// Bytes as hexadecimal text.
package enum HexadecimalText {
  /// The bytes that the digits stand for.
  package static func bytes(_ text: String) -> [UInt8] {
    let digits = text.utf8.map { digit -> UInt8 in digit < 0x3a ? digit - 0x30 : (digit | 0x20) - 0x57 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// The bytes as digits.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] }, as: UTF8.self)
  }
}
