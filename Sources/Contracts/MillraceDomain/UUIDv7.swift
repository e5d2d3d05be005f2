/// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds since 1970 UTC, then 74 random bits. UUIDs made
/// later compare greater, so they make good keys for tables that grow at one end.
package struct UUIDv7: Hashable, Comparable, Sendable {
  /// The first and last eight bytes, big-endian.
  package let high: UInt64
  /// The last eight bytes, big-endian.
  package let low: UInt64

  /// Makes one. `milliseconds` is cut to 48 bits, which last until the year 10889.
  package init(atMilliseconds milliseconds: Int64, using generator: inout some RandomNumberGenerator) {
    let time = UInt64(clamping: milliseconds) & 0xffff_ffff_ffff
    high = time << 16 | 0x7000 | generator.next() & 0x0fff
    low = 0x8000_0000_0000_0000 | generator.next() & 0x3fff_ffff_ffff_ffff
  }

  /// The lowest that can be made at a time; times beyond 48 bits are the first and the last of them.
  package static func lowest(atMilliseconds milliseconds: Int64) -> UUIDv7 {
    UUIDv7(high: min(UInt64(clamping: milliseconds), 0xffff_ffff_ffff) << 16 | 0x7000, low: 1 << 63)!
  }

  /// From its sixteen bytes as two numbers; nil where version or variant are not those of a UUIDv7.
  package init?(high: UInt64, low: UInt64) {
    guard high >> 12 & 0xf == 7, low >> 62 == 0b10 else { return nil }
    self.high = high
    self.low = low
  }

  /// From its text, `xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx`, in either case; nil where it is anything else.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return nil }
    var halves: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for (index, byte) in bytes.enumerated() {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard let digit = Hexadecimal.value(of: byte) else { return nil }
      if digits < 16 { halves.0 = halves.0 << 4 | UInt64(digit) } else { halves.1 = halves.1 << 4 | UInt64(digit) }
      digits += 1
    }
    self.init(high: halves.0, low: halves.1)
  }

  /// When it was made: milliseconds since 1970 UTC, as its maker's clock had it.
  package var milliseconds: Int64 { Int64(high >> 16) }

  /// Its sixteen bytes in network order.
  package var bytes: [UInt8] {
    (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? high : low) >> UInt64(56 - ($0 % 8) * 8)) }
  }

  package static func < (left: UUIDv7, right: UUIDv7) -> Bool {
    left.high == right.high ? left.low < right.low : left.high < right.high
  }
}

extension UUIDv7: CustomStringConvertible, LosslessStringConvertible {
  package var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var at = 0
      for digit in 0..<32 {
        if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
          buffer[at] = UInt8(ascii: "-")
          at += 1
        }
        let half = digit < 16 ? high : low
        buffer[at] = Hexadecimal.digit(UInt8(truncatingIfNeeded: half >> UInt64(60 - (digit % 16) * 4)) & 0xf)
        at += 1
      }
      return at
    }
  }

  package init?(_ description: String) { self.init(description[...]) }
}
