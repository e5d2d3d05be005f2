internal import COpenSSL

/// Random bytes of libcrypto's generator, which the kernel seeds.
package struct SecureRandom: RandomNumberGenerator, Sendable {
  /// The generator of the process.
  package init() {}

  /// So many unpredictable bytes.
  package static func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let filled = unsafe RAND_bytes(&bytes, Int32(count))
    precondition(filled == 1, "libcrypto has no randomness")
    return bytes
  }

  package mutating func next() -> UInt64 {
    SecureRandom.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
