internal import COpenSSL

/// HMAC-SHA256 (RFC 2104) and comparison that does not tell how far it came.
package enum MessageAuthentication {
  private static let blockByteCount = 64

  /// The 32 bytes of HMAC-SHA256. Any length of key.
  package static func code(_ message: some Sequence<UInt8>, key: [UInt8]) -> [UInt8] {
    var padded = key.count > blockByteCount ? SHA256.digest(key) : key
    padded.append(contentsOf: repeatElement(0, count: blockByteCount - padded.count))
    let inner = SHA256()
    inner.update(padded.map { $0 ^ 0x36 })
    inner.update(message)
    let outer = SHA256()
    outer.update(padded.map { $0 ^ 0x5c })
    outer.update(inner.digest())
    return outer.digest()
  }

  /// Whether both hold the same bytes. The time depends on the lengths alone.
  package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe CRYPTO_memcmp(left, right, left.count) == 0
  }
}
