internal import Checksums

/// How records stand in `metadata.log` and `metadata.snapshot`: `length u32 | crc32c u32 | type u16 | version u16 | payload`,
/// numbers in network byte order. The length counts what follows the checksum, and the checksum is of the same.
package enum MetadataFrames {
  /// What stands in a file.
  package struct Content: Equatable {
    /// The records, in order.
    package var records: [MetadataRecord] = []
    /// Where the last whole frame ends.
    package var byteCount = 0
    /// What follows there.
    package var end = End.clean
  }

  /// What follows the last whole frame.
  package enum End: Equatable {
    /// Nothing: the file ends there.
    case clean
    /// The beginning of a frame that was being written when the machine stopped. It was never answered for.
    case torn
    /// Something that was whole once, and is not what was written; why that is known.
    case damaged(String)
  }

  private static let headBytes = 8
  private static let leastLength = 4

  /// The frame of a record.
  static func frame(_ record: MetadataRecord) -> [UInt8] {
    frame(type: record.kind.rawValue, version: MetadataRecord.version, payload: record.payload)
  }

  static func frame(type: UInt16, version: UInt16, payload: [UInt8]) -> [UInt8] {
    var body = MetadataWriter()
    body.append(type)
    body.append(version)
    let content = body.bytes + payload
    var head = MetadataWriter()
    head.append(UInt32(content.count))
    head.append(CRC32C.checksum(content))
    return head.bytes + content
  }

  /// Reads a file that frames were appended to, one at a time, each synced before the next.
  package static func read(_ bytes: [UInt8]) -> Content {
    var content = Content()
    while content.byteCount < bytes.count {
      guard let body = body(in: bytes, at: content.byteCount) else {
        content.end = end(of: bytes, at: content.byteCount)
        return content
      }
      guard let record = record(body) else {
        content.end = .damaged(unknownKind(body))
        return content
      }
      content.records.append(record)
      content.byteCount = body.endIndex
    }
    return content
  }

  /// Type, version and payload of the frame that begins there; nil where none does.
  private static func body(in bytes: [UInt8], at start: Int) -> ArraySlice<UInt8>? {
    guard bytes.count - start >= headBytes + leastLength else { return nil }
    var head = MetadataReader(bytes[start..<start + headBytes])
    guard let length = head.integer(UInt32.self), let checksum = head.integer(UInt32.self),
      length >= leastLength, Int(length) <= min(TopicLimits.metadataFrameBytes, bytes.count - start - headBytes)
    else { return nil }
    let body = bytes[start + headBytes..<start + headBytes + Int(length)]
    return CRC32C.checksum(body) == checksum ? body : nil
  }

  private static func record(_ body: ArraySlice<UInt8>) -> MetadataRecord? {
    var reader = MetadataReader(body)
    guard let number = reader.integer(UInt16.self), let version = reader.integer(UInt16.self),
      version == MetadataRecord.version, let kind = MetadataRecord.Kind(rawValue: number)
    else { return nil }
    return MetadataRecord(kind, payload: body.dropFirst(4))
  }

  private static func unknownKind(_ body: ArraySlice<UInt8>) -> String {
    var reader = MetadataReader(body)
    let kind = reader.integer(UInt16.self) ?? 0
    let version = reader.integer(UInt16.self) ?? 0
    return "a record of type \(kind), version \(version), is not known: a newer Millrace may have written it"
  }

  /// Only the last frame can be half written. Where a whole one follows, this one was whole too.
  private static func end(of bytes: [UInt8], at start: Int) -> End {
    for later in start + 1..<max(start + 1, bytes.count) where body(in: bytes, at: later) != nil {
      return .damaged("what stands there does not have its checksum, and a whole record follows at byte \(later)")
    }
    return .torn
  }
}
