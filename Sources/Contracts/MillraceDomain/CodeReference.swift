/// The SHA-256 of a package of code.
package struct CodeDigest: Hashable, Sendable, Codable, CustomStringConvertible {
  /// 32 bytes.
  package let bytes: [UInt8]

  /// - Throws: ``DomainError`` with `badDigest` where there are not 32 bytes.
  package init(bytes: [UInt8]) throws(DomainError) {
    guard bytes.count == 32 else { throw DomainError(.badDigest, "a SHA-256 has 32 bytes, not \(bytes.count)") }
    self.bytes = bytes
  }

  /// From 64 hexadecimal digits.
  package init(_ text: some StringProtocol) throws(DomainError) {
    guard let bytes = Hexadecimal.bytes(of: text), bytes.count == 32 else {
      throw DomainError(.badDigest, "'\(text.prefix(80))' is not a SHA-256 in hexadecimal")
    }
    self.bytes = bytes
  }

  package init(from decoder: any Decoder) throws { try self.init(decoder.singleValueContainer().decode(String.self)) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  package var description: String { Hexadecimal.text(of: bytes) }
}

/// Where a package of code stands on the topic `code`.
package struct CodeReference: Hashable, Sendable, Codable {
  /// The SHA-256 of the whole package.
  package let digest: CodeDigest
  /// The partition of `code` its chunks are on.
  package let partition: Int32
  /// The offset of its first chunk. Chunks follow in order; those of other packages may stand between.
  package let firstOffset: Int64
  /// The package's size.
  package let byteCount: Int64
  /// The number of chunks, at least 1.
  package let chunkCount: Int32

  /// A reference from its parts.
  package init(digest: CodeDigest, partition: Int32, firstOffset: Int64, byteCount: Int64, chunkCount: Int32) {
    self.digest = digest
    self.partition = partition
    self.firstOffset = firstOffset
    self.byteCount = byteCount
    self.chunkCount = chunkCount
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    digest = try values.decode(CodeDigest.self, forKey: .digest)
    partition = try values.decode(Int32.self, forKey: .partition)
    firstOffset = try values.decode(Int64.self, forKey: .firstOffset)
    byteCount = try values.decode(Int64.self, forKey: .byteCount)
    chunkCount = try values.decode(Int32.self, forKey: .chunkCount)
    guard partition >= 0, firstOffset >= 0, byteCount >= 0, chunkCount >= 1 else {
      throw DomainError(
        .outOfRange,
        "code at partition \(partition), offset \(firstOffset), \(byteCount) bytes in \(chunkCount) chunks: none may be"
          + " below 0, and there is at least one chunk")
    }
  }
}
