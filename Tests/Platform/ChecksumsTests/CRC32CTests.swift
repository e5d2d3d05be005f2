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
}
