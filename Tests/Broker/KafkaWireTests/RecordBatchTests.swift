import Checksums
import KafkaWire
import SimulationKit
import Testing

/// Record batches are read as they were built, and as Kafka builds them.
@Suite struct RecordBatchTests {
  /// Two records that kafka-python 3.0.12 builds: key "k" and value "v" with a header "h" of "1", then neither key nor value.
  static let known =
    "0000000000000000000000460000000002ab4cf9730000000000010000018bcfe568000000018bcfe569f4000000000000126700030000000c00000002"
    + "18000000026b027602026802310e00e80702010100"

  @Test func `a batch of another maker is read`() throws {
    let bytes = HexadecimalText.bytes(Self.known)
    let batch = try RecordBatch(firstOf: bytes[...] + [1, 2, 3])
    #expect(batch.byteCount == bytes.count)
    #expect(batch.isChecksumValid)
    #expect(batch.contradiction == nil)
    #expect(batch.compression == RecordCompression.none)
    #expect(batch.baseOffset == 0)
    #expect(batch.lastOffset == 1)
    #expect(batch.producerID == 4711)
    #expect(batch.producerEpoch == 3)
    #expect(batch.baseSequence == 12)
    #expect(batch.lastSequence == 13)
    #expect(batch.maxTimestamp == 1_700_000_000_500)
    #expect(!batch.isTransactional && !batch.isControl && !batch.hasLogAppendTime)
    let records = try RecordReader.records(of: batch)
    #expect(
      records == [
        Record(
          offset: 0, timestamp: 1_700_000_000_000, key: [0x6b], value: [0x76],
          headers: [Record.Header(name: [0x68], value: [0x31])]),
        Record(offset: 1, timestamp: 1_700_000_000_500, key: nil, value: nil),
      ])
  }

  @Test func `the builder builds what another maker builds`() throws {
    var builder = RecordBatchBuilder()
    builder.partitionLeaderEpoch = 0
    builder.producerID = 4711
    builder.producerEpoch = 3
    builder.baseSequence = 12
    builder.append(
      key: [0x6b], value: [0x76], timestamp: 1_700_000_000_000,
      headers: [Record.Header(name: [0x68], value: [0x31])])
    builder.append(key: nil, value: nil, timestamp: 1_700_000_000_500)
    #expect(HexadecimalText.text(builder.finish()) == Self.known)
    #expect(builder.byteCount == Self.known.utf8.count / 2)
  }

  @Test func `random records are read back as they were written`() throws {
    try SeededProperty.holds { generator in
      var builder = RecordBatchBuilder()
      builder.baseOffset = Int64.random(in: 0...1 << 40, using: &generator)
      builder.attributes = RecordBatchHeader.transactionalBit
      let records = (0..<Int.random(in: 1...20, using: &generator)).map { index in
        Record(
          offset: builder.baseOffset + Int64(index), timestamp: Int64.random(in: 0...1 << 42, using: &generator),
          key: optional(&generator), value: optional(&generator),
          headers: (0..<Int.random(in: 0...2, using: &generator)).map { _ in
            Record.Header(name: generator.bytes(count: 0...70)[...], value: optional(&generator))
          })
      }
      for record in records {
        builder.append(key: record.key, value: record.value, timestamp: record.timestamp, headers: record.headers)
      }
      let batch = try RecordBatch(firstOf: builder.finish()[...])
      try SeededProperty.claim(batch.isChecksumValid && batch.contradiction == nil, "\(batch)")
      try SeededProperty.claim(batch.isTransactional && !batch.isControl, "\(batch.attributes)")
      try SeededProperty.claim(batch.maxTimestamp == records.map(\.timestamp).max(), "\(batch.maxTimestamp)")
      let read = try RecordReader.records(of: batch)
      try SeededProperty.claim(read == records, "\(records) became \(read)")
    }
  }

  private func optional(_ generator: inout SeededGenerator) -> ArraySlice<UInt8>? {
    generator.isOne(in: 4) ? nil : generator.bytes(count: 0...100)[...]
  }

  @Test func `a damaged batch is noticed`() throws {
    let bytes = HexadecimalText.bytes(Self.known)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      guard let batch = try? RecordBatch(firstOf: damaged[...]) else { continue }
      // The offset and the epoch are the broker's to set: the checksum does not cover them.
      let isCovered = !(0..<8).contains(index) && !(12..<16).contains(index)
      #expect(batch.isChecksumValid != isCovered || batch.byteCount != bytes.count, "byte \(index)")
    }
    for count in bytes.indices {
      #expect(throws: WireError.self) { try RecordBatch(firstOf: bytes.prefix(count)) }
    }
  }

  @Test func `a header that contradicts itself is noticed`() throws {
    func contradiction(_ offset: Int, _ value: [UInt8]) throws -> String? {
      var bytes = HexadecimalText.bytes(Self.known)
      bytes.replaceSubrange(offset..<offset + value.count, with: value)
      return try RecordBatch(firstOf: bytes[...]).contradiction
    }
    #expect(try contradiction(RecordBatchHeader.attributes, [0, 5]) != nil)
    #expect(try contradiction(RecordBatchHeader.attributes, [0, 4]) == nil)
    #expect(try contradiction(RecordBatchHeader.recordCount, [0, 0, 0, 0]) != nil)
    #expect(try contradiction(RecordBatchHeader.recordCount, [0, 0, 0, 3]) != nil)
    #expect(try contradiction(RecordBatchHeader.lastOffsetDelta, [0xff, 0xff, 0xff, 0xff]) != nil)
    // aiokafka numbers from 0 for no producer, and Kafka takes it.
    #expect(try contradiction(RecordBatchHeader.producerID, [UInt8](repeating: 0xff, count: 8)) == nil)
    #expect(try contradiction(RecordBatchHeader.baseSequence, [0xff, 0xff, 0xff, 0xff]) != nil)
    #expect(try contradiction(RecordBatchHeader.producerEpoch, [0xff, 0xff]) != nil)
    #expect(throws: WireError.self) { try contradiction(RecordBatchHeader.magic, [1]) }
    #expect(throws: WireError.self) { try contradiction(RecordBatchHeader.batchLength, [0, 0, 0, 48]) }
    #expect(throws: WireError.self) { try contradiction(RecordBatchHeader.batchLength, [0xff, 0, 0, 0]) }
  }

  @Test func `sequences go on at zero behind the greatest`() throws {
    var builder = RecordBatchBuilder()
    builder.producerID = 1
    builder.producerEpoch = 0
    builder.baseSequence = .max
    builder.append(key: nil, value: [1], timestamp: 0)
    builder.append(key: nil, value: [2], timestamp: 0)
    let batch = try RecordBatch(firstOf: builder.finish()[...])
    #expect(batch.baseSequence == .max)
    #expect(batch.lastSequence == 0)
  }

  @Test func `the broker's time is that of every record`() throws {
    var builder = RecordBatchBuilder()
    builder.attributes = RecordBatchHeader.logAppendTimeBit
    builder.append(key: nil, value: [1], timestamp: 5)
    builder.append(key: nil, value: [2], timestamp: 9)
    let records = try RecordReader.records(of: RecordBatch(firstOf: builder.finish()[...]))
    #expect(records.map(\.timestamp) == [9, 9])
  }
}
