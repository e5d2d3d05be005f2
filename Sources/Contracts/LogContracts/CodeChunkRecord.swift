package import LogRecords
package import MillraceDomain

/// One piece of a package of code (topic `code`).
package struct CodeChunkRecord: Hashable, Sendable {
  /// The size of every chunk but the last.
  package static let chunkBytes = 768 * 1024

  /// The SHA-256 of the whole package.
  package var digest: CodeDigest
  /// The chunk's number, from 0.
  package var chunk: Int32
  /// How many chunks the package has.
  package var chunkCount: Int32
  /// The chunk's bytes.
  package var bytes: [UInt8]

  /// A chunk from its parts.
  package init(digest: CodeDigest, chunk: Int32, chunkCount: Int32, bytes: [UInt8]) {
    self.digest = digest
    self.chunk = chunk
    self.chunkCount = chunkCount
    self.bytes = bytes
  }

  /// The record for `code`. Key and `ce_id` are `<digest>/<chunk>`.
  package func encoded(partition: Int32, context: RecordContext) -> OutgoingRecord {
    let id = "\(digest)/\(chunk)"
    var headers = RecordHeaders(.code, id: id, context: context, contentType: "application/octet-stream")
    headers.append(HeaderName.digest, digest.description)
    headers.append(HeaderName.chunk, Int64(chunk))
    headers.append(HeaderName.chunkCount, Int64(chunkCount))
    return OutgoingRecord(
      topic: TopicDeclaration.code.name, partition: partition, key: Array(id.utf8), value: bytes, headers: headers)
  }

  /// - Throws: ``ContractError``.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    let reader = try HeaderReader(record, of: .code)
    let digest = try reader.value(HeaderName.digest) { text throws(DomainError) in try CodeDigest(text) }
    let chunk = try reader.number(HeaderName.chunk)
    let count = try reader.number(HeaderName.chunkCount)
    guard (1...Int64(Int32.max)).contains(count), (0..<count).contains(chunk) else {
      throw ContractError(.badHeader, "chunk \(chunk) of \(count) is no chunk")
    }
    guard let bytes = record.value else { throw ContractError(.badValue, "a chunk has bytes; this is a tombstone") }
    self.init(digest: digest, chunk: Int32(chunk), chunkCount: Int32(count), bytes: bytes)
  }
}
