/// The API token of an `Authorization` field. Pure.
enum BearerToken {
  /// The longest token that is looked at.
  static let limitBytes = 512

  /// The secret's bytes: `Bearer`, in any case, one or more spaces, and the token of RFC 6750 section 2.1; nil otherwise.
  static func secret(_ authorization: String?) -> [UInt8]? {
    guard let authorization else { return nil }
    let bytes = Array(authorization.utf8)
    let scheme = Array("bearer ".utf8)
    guard bytes.count > scheme.count, bytes.count <= limitBytes,
      zip(bytes, scheme).allSatisfy({ ($0 &- 65 < 26 ? $0 | 32 : $0) == $1 })
    else { return nil }
    let secret = Array(bytes[scheme.count...].drop { $0 == 32 })
    guard !secret.isEmpty, secret.allSatisfy(isTokenByte) else { return nil }
    return secret
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      || "-._~+/=".utf8.contains(byte)
  }
}
