internal import LogContracts
internal import MillraceDomain
internal import Security

/// Puts a package together from the chunks that a reader meets. Pure.
struct ChunkAssembly {
  private let reference: CodeReference
  private var chunks: [[UInt8]?]
  private var missingCount: Int
  private var byteCount = 0

  /// - Throws: ``CodeStoreError`` where the reference promises what no package is.
  init(_ reference: CodeReference) throws(CodeStoreError) {
    guard reference.byteCount <= Int64(CodeStoreLimits.packageByteCount) else {
      throw CodeStoreError(.tooLarge, "a package of \(reference.byteCount) bytes is larger than the store takes")
    }
    let chunkByteCount = Int64(CodeChunkRecord.chunkBytes)
    let wanted = max(1, (reference.byteCount + chunkByteCount - 1) / chunkByteCount)
    guard reference.byteCount >= 0, Int64(reference.chunkCount) == wanted else {
      throw CodeStoreError(.damaged, "\(reference.byteCount) bytes are not \(reference.chunkCount) chunks")
    }
    self.reference = reference
    chunks = Array(repeating: nil, count: Int(reference.chunkCount))
    missingCount = chunks.count
  }

  /// Whether every chunk is there.
  var isComplete: Bool { missingCount == 0 }

  /// Takes a chunk that is part of the package; others, and repeats, are left.
  mutating func add(_ chunk: CodeChunkRecord) throws(CodeStoreError) {
    guard chunk.digest == reference.digest, chunk.chunkCount == reference.chunkCount,
      chunks[Int(chunk.chunk)] == nil
    else { return }
    byteCount += chunk.bytes.count
    guard byteCount <= reference.byteCount else {
      throw CodeStoreError(.damaged, "the chunks of \(reference.digest) are longer than the package")
    }
    chunks[Int(chunk.chunk)] = chunk.bytes
    missingCount -= 1
  }

  /// The package, once complete.
  ///
  /// - Throws: ``CodeStoreError`` with `damaged` where its digest is another.
  consuming func package() throws(CodeStoreError) -> [UInt8] {
    precondition(isComplete)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    for chunk in chunks { bytes.append(contentsOf: chunk!) }
    guard SHA256.digest(bytes) == reference.digest.bytes else {
      throw CodeStoreError(.damaged, "the package \(reference.digest) has another digest")
    }
    return bytes
  }

  /// The chunks of a package.
  static func split(_ bytes: [UInt8], digest: CodeDigest) -> [CodeChunkRecord] {
    let size = CodeChunkRecord.chunkBytes
    let count = max(1, (bytes.count + size - 1) / size)
    return (0..<count).map { number in
      let range = number * size..<min(bytes.count, (number + 1) * size)
      return CodeChunkRecord(
        digest: digest, chunk: Int32(number), chunkCount: Int32(count), bytes: Array(bytes[range]))
    }
  }
}
