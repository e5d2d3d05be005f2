internal import CChecksum

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): what record batches and the log's files are checked with.
package enum CRC32C {
  /// The checksum of the bytes, going on from that of what stood before them; of no bytes it is 0.
  package static func checksum(_ bytes: Span<UInt8>, after previous: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { unsafe cchecksum_crc32c(previous, $0.baseAddress, $0.count) }
  }

  /// The checksum of the bytes.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes.span) }

  /// The checksum of the bytes.
  package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 { checksum(bytes.span) }
}
