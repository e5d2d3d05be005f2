/// Reads the records of an uncompressed batch one after the other.
package struct RecordReader {
  private let batch: RecordBatch
  private var rest: ArraySlice<UInt8>
  private var recordsLeft: Int32

  /// - Throws: `malformedBatch` where the batch is compressed.
  package init(_ batch: RecordBatch) throws(WireError) {
    guard batch.compression == RecordCompression.none else {
      throw WireError(.malformedBatch, "the records are compressed")
    }
    self.init(batch, decompressed: batch.payload)
  }

  /// Reads the records of a compressed batch from what its payload unpacks to.
  package init(_ batch: RecordBatch, decompressed payload: ArraySlice<UInt8>) {
    self.batch = batch
    rest = payload
    recordsLeft = batch.recordCount
  }

  /// The next record; nil behind the last.
  ///
  /// - Throws: where a record does not end within the batch, or bytes remain behind the last.
  package mutating func next() throws(WireError) -> Record? {
    guard recordsLeft > 0 else {
      guard rest.isEmpty else { throw WireError(.malformedBatch, "\(rest.count) bytes stand behind the last record") }
      return nil
    }
    recordsLeft -= 1
    guard let body = try sized() else { throw WireError(.malformedBatch, "a record has no length") }
    let behind = rest
    rest = body
    let record = try readBody()
    guard rest.isEmpty else { throw WireError(.malformedBatch, "a record is shorter than it claims") }
    rest = behind
    return record
  }

  /// Every record of the batch.
  package static func records(of batch: RecordBatch) throws(WireError) -> [Record] {
    var reader = try RecordReader(batch)
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  private mutating func readBody() throws(WireError) -> Record {
    guard rest.popFirst() != nil else { throw Self.truncated }  // attributes, of which none is in use
    let timestampDelta = try number()
    let offsetDelta = try number()
    let key = try sized()
    let value = try sized()
    let headerCount = try number()
    // A header takes two bytes at least.
    guard headerCount >= 0, headerCount <= Int64(rest.count / 2) else { throw Self.truncated }
    var headers: [Record.Header] = []
    headers.reserveCapacity(Int(headerCount))
    for _ in 0..<headerCount {
      guard let name = try sized() else { throw WireError(.unexpectedNull, "a header has no name") }
      headers.append(Record.Header(name: name, value: try sized()))
    }
    let timestamp = batch.hasLogAppendTime ? batch.maxTimestamp : batch.baseTimestamp &+ timestampDelta
    return Record(
      offset: batch.baseOffset &+ offsetDelta, timestamp: timestamp, key: key, value: value, headers: headers)
  }

  /// Bytes behind their length; nil for null.
  private mutating func sized() throws(WireError) -> ArraySlice<UInt8>? {
    let count = try number()
    guard count >= 0 else { return nil }
    guard count <= Int64(rest.count) else { throw Self.truncated }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  /// A signed number of variable length: small ones of either sign are short.
  private mutating func number() throws(WireError) -> Int64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard let byte = rest.popFirst() else { throw Self.truncated }
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 {
        guard shift < 63 || byte <= 1 else { break }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
      }
    }
    throw WireError(.malformedNumber, "a number does not end within 64 bits")
  }

  private static let truncated = WireError(.truncated, "a record ends before its fields do")
}
