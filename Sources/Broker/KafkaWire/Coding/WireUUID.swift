/// A universally unique identifier as Kafka carries it: of a topic, of a cluster.
package struct WireUUID: WireValue, Hashable, CustomStringConvertible {
  /// The first eight bytes.
  package var high: UInt64 = 0
  /// The last eight bytes.
  package var low: UInt64 = 0

  /// No identifier: what stands where a topic is named instead.
  package static let zero = WireUUID()

  package init() {}

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// A random one (RFC 9562, version 4), whose text does not begin with a hyphen: Kafka keeps those from command lines.
  package static func random(using generator: inout some RandomNumberGenerator) -> WireUUID {
    while true {
      let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
      let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
      let made = WireUUID(high: high, low: low)
      if !made.description.hasPrefix("-") { return made }
    }
  }

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.integer(&high)
    try coder.integer(&low)
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// Kafka's text of it: 22 letters of base64 for addresses (RFC 4648 section 5), without padding.
  package var description: String {
    // 128 bits are 21 letters of six bits and one of two, which stand at the letter's top.
    var letters: [UInt8] = []
    letters.reserveCapacity(22)
    for index in 0..<21 { letters.append(Self.alphabet[Int(bits(from: index * 6))]) }
    letters.append(Self.alphabet[Int(low & 0x3) << 4])
    return String(decoding: letters, as: UTF8.self)
  }

  /// Six bits, beginning at that one counted from the top.
  private func bits(from start: Int) -> UInt64 {
    let shift = 128 - start - 6
    if shift >= 64 { return high >> UInt64(shift - 64) & 0x3f }
    if shift > 58 { return (high << UInt64(64 - shift) | low >> UInt64(shift)) & 0x3f }
    return low >> UInt64(shift) & 0x3f
  }

  /// The identifier of that text; nil where it is none.
  package init?(_ text: String) {
    let letters = Array(text.utf8)
    guard letters.count == 22 else { return nil }
    for (index, letter) in letters.enumerated() {
      guard let value = Self.alphabet.firstIndex(of: letter).map(UInt64.init) else { return nil }
      let width: UInt64 = index == 21 ? 2 : 6
      guard index < 21 || value & 0xf == 0 else { return nil }
      high = high << width | low >> (64 - width)
      low = low << width | (index == 21 ? value >> 4 : value)
    }
  }
}
