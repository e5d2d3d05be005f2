import Checksums
import KafkaWire
import Testing

@testable import EmbeddedBroker

/// Batches that mean harm, over loopback: each is refused with Kafka's code, and the log and the connection are as they were.
@Suite("Hostile batches", .serialized) struct HostileBatchTests {
  private static let header = RecordBatchHeader.self
  private typealias Lie = (name: String, code: ErrorCode, isSigned: Bool, change: @Sendable (inout [UInt8]) -> Void)

  private static let lies: [Lie] = [
    ("a wrong checksum", .corruptMessage, false, { $0[header.checksum] ^= 1 }),
    ("a changed record", .corruptMessage, false, { $0[$0.count - 2] ^= 1 }),
    ("the format 0", .invalidRecord, false, { $0[header.magic] = 0 }),
    ("the format 1", .invalidRecord, false, { $0[header.magic] = 1 }),
    ("the format 3", .invalidRecord, false, { $0[header.magic] = 3 }),
    ("a length of 0", .invalidRecord, false, { put(Int32(0), header.batchLength, &$0) }),
    ("a negative length", .invalidRecord, false, { put(Int32(-1), header.batchLength, &$0) }),
    ("the greatest length", .invalidRecord, false, { put(Int32.max, header.batchLength, &$0) }),
    ("a first offset", .invalidRecord, false, { put(Int64(5), header.baseOffset, &$0) }),
    ("a negative number of records", .invalidRecord, true, { put(Int32(-1), header.recordCount, &$0) }),
    (
      "2^31-1 records in a hundred bytes", .invalidRecord, true,
      {
        put(Int32.max, header.recordCount, &$0)
        put(Int32.max - 1, header.lastOffsetDelta, &$0)
      }
    ),
    ("the broker's own kind", .invalidRecord, true, { put(header.controlBit, header.attributes, &$0) }),
    ("a compression that there is none of", .invalidRecord, true, { put(Int16(7), header.attributes, &$0) }),
    ("a record longer than its batch", .invalidRecord, true, { $0[header.byteCount] = 0xfe }),
  ]

  private static func put<Number: FixedWidthInteger>(_ number: Number, _ offset: Int, _ bytes: inout [UInt8]) {
    let new = withUnsafeBytes(of: number.bigEndian) { Array($0) }
    bytes.replaceSubrange(offset..<offset + new.count, with: new)
  }

  @Test("K58: a batch that lies is refused by its code, and the log is as it was")
  func lies() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    var sent = 0
    for lie in Self.lies {
      var batch = WireClient.batch([[1], [2], [3]])
      lie.change(&batch)
      if lie.isSigned { Self.put(CRC32C.checksum(batch[Self.header.attributes...]), Self.header.checksum, &batch) }
      let answer = try client.produce(batch, to: "t")
      #expect(answer.errorCode == lie.code && answer.baseOffset == -1, "\(lie.name)")
      #expect(try client.listOffsets("t", at: -1).offset == Int64(sent), "\(lie.name)")
      #expect(try client.produce(WireClient.batch([[9]]), to: "t").baseOffset == Int64(sent), "\(lie.name)")
      sent += 1
    }
    #expect(try client.fetch("t").batchOffsets == (0..<Int64(sent)).map { $0 })
    await broker.end()
  }

  /// The broker keeps compressed records as they are: what they would become it never holds.
  @Test("K58: a batch that would unpack into gigabytes costs what was sent", arguments: 1...4)
  func bombs(_ compression: Int16) async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let before = ResidentMemory.bytes()
    for _ in 0..<20 {
      let batch = WireClient.batch([[UInt8](repeating: 0, count: 50_000)]) { $0.attributes = compression }
      #expect(try client.produce(batch, to: "t").errorCode == .none)
    }
    _ = try client.listOffsets("t", at: 1)
    #expect(ResidentMemory.bytes() - before < 50 << 20)
    await broker.end()
  }
}
