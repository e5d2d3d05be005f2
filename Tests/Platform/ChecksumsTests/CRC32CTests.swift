import Checksums
import SimulationKit
import Testing

struct CRC32CTests {
  /// Goal: the examples of RFC 3720 appendix B.4, and the check value of the CRC catalogue.
  @Test func `the standard's examples`() {
    #expect(CRC32C.checksum([]) == 0)
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.checksum([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46dd_794e)
  }

  /// Goal: whatever the cut, the parts give the checksum of the whole.
  @Test func `a checksum goes on`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 3) }
    let whole = CRC32C.checksum(bytes)
    for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
      let first = CRC32C.checksum(bytes[..<cut])
      let rest = bytes[cut...]
      let both = CRC32C.checksum(rest.span, after: first)
      #expect(both == whole)
    }
  }

  /// Goal: input of any length has the checksum that its definition gives, bit after bit. Long input is taken in several lanes.
  @Test func `long input`() {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3 &+ $0) }
    for count in [1024, 3071, 3072, 3073, 3080, 6143, 6144, 9999, 10_000] {
      var expected = UInt32.max
      for byte in bytes[..<count] {
        expected ^= UInt32(byte)
        for _ in 0..<8 { expected = expected & 1 == 1 ? expected >> 1 ^ 0x82f6_3b78 : expected >> 1 }
      }
      #expect(CRC32C.checksum(bytes[..<count]) == ~expected, "\(count) bytes")
      let begun = CRC32C.checksum(bytes[..<13])
      #expect(CRC32C.checksum(bytes[13..<count].span, after: begun) == ~expected, "\(count) bytes, begun before")
    }
  }
}
