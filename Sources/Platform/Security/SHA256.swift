internal import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
///
/// `@safe`: the context is made in init, freed in deinit and never leaves; the class is used by one owner at a time and is
/// not Sendable.
@safe package final class SHA256 {
  /// Bytes of a digest.
  package static let byteCount = 32

  private let context: OpaquePointer

  /// A digest of nothing so far.
  package init() {
    guard let made = unsafe EVP_MD_CTX_new() else { preconditionFailure("libcrypto is out of memory") }
    unsafe context = made
    let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(started == 1, "libcrypto has no SHA-256")
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Adds bytes.
  package func update(_ bytes: some Sequence<UInt8>) {
    let done: Void? = bytes.withContiguousStorageIfAvailable { unsafe add($0) }
    if done == nil { unsafe Array(bytes).withUnsafeBufferPointer { unsafe add($0) } }
  }

  private func add(_ buffer: UnsafeBufferPointer<UInt8>) {
    let added = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
    precondition(added == 1, "libcrypto refused to digest")
  }

  /// The digest of what was added: 32 bytes. More can be added afterwards.
  package func digest() -> [UInt8] {
    guard let copy = unsafe EVP_MD_CTX_new() else { preconditionFailure("libcrypto is out of memory") }
    defer { unsafe EVP_MD_CTX_free(copy) }
    var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
    let copied = unsafe EVP_MD_CTX_copy_ex(copy, context)
    let finished = unsafe EVP_DigestFinal_ex(copy, &digest, nil)
    precondition(copied == 1 && finished == 1, "libcrypto refused to finish a digest")
    return digest
  }

  /// The digest of all the bytes at once: 32 bytes.
  package static func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let hash = SHA256()
    hash.update(bytes)
    return hash.digest()
  }
}
