import Checksums
import KafkaWire
import PartitionLog
import Testing

/// What a client may send that means harm.
struct HostileBatchTests {
  private static let header = RecordBatchHeader.self

  /// A change to a sound batch of three records, and what Kafka answers for it.
  struct Lie: CustomTestStringConvertible, Sendable {
    let name: String
    let code: ErrorCode
    let isSigned: Bool
    let change: @Sendable (inout [UInt8]) -> Void
    var testDescription: String { name }

    /// - Parameter change: made before the checksum is taken anew.
    static func signed(_ name: String, _ code: ErrorCode, _ change: @escaping @Sendable (inout [UInt8]) -> Void) -> Lie
    {
      Lie(name: name, code: code, isSigned: true, change: change)
    }

    static func bare(_ name: String, _ code: ErrorCode, _ change: @escaping @Sendable (inout [UInt8]) -> Void) -> Lie {
      Lie(name: name, code: code, isSigned: false, change: change)
    }
  }

  static let lies: [Lie] = [
    .bare("nothing", .invalidRecord) { $0 = [] },
    .bare("a wrong checksum", .corruptMessage) { $0[header.checksum] ^= 1 },
    .bare("a changed record", .corruptMessage) { $0[$0.count - 2] ^= 1 },
    .bare("the format 0", .invalidRecord) { $0[header.magic] = 0 },
    .bare("the format 1", .invalidRecord) { $0[header.magic] = 1 },
    .bare("the format 3", .invalidRecord) { $0[header.magic] = 3 },
    .bare("less than it says", .invalidRecord) { $0.removeLast() },
    .bare("half a header", .invalidRecord) { $0.removeLast($0.count - 30) },
    .bare("a byte behind it", .invalidRecord) { $0.append(0) },
    .bare("two batches", .invalidRecord) { $0 += $0 },
    .bare("a length of 0", .invalidRecord) { put(Int32(0), header.batchLength, &$0) },
    .bare("a negative length", .invalidRecord) { put(Int32(-1), header.batchLength, &$0) },
    .bare("the greatest length", .invalidRecord) { put(Int32.max, header.batchLength, &$0) },
    .bare("a length of 40", .invalidRecord) { put(Int32(40), header.batchLength, &$0) },
    .bare("another first offset", .invalidRecord) { put(Int64(5), header.baseOffset, &$0) },
    .bare("a negative first offset", .invalidRecord) { put(Int64.min, header.baseOffset, &$0) },
    .signed("no records", .invalidRecord) { put(Int32(0), header.recordCount, &$0) },
    .signed("a negative number of records", .invalidRecord) { put(Int32(-1), header.recordCount, &$0) },
    .signed("2^31-1 records", .invalidRecord) {
      put(Int32.max, header.recordCount, &$0)
      put(Int32.max - 1, header.lastOffsetDelta, &$0)
    },
    .signed("the least number of records", .invalidRecord) {
      put(Int32.min, header.recordCount, &$0)
      put(Int32.max, header.lastOffsetDelta, &$0)
    },
    .signed("one record less than there are", .invalidRecord) {
      put(Int32(2), header.recordCount, &$0)
      put(Int32(1), header.lastOffsetDelta, &$0)
    },
    .signed("one record more than there are", .invalidRecord) {
      put(Int32(4), header.recordCount, &$0)
      put(Int32(3), header.lastOffsetDelta, &$0)
    },
    .signed("a last offset that is not the last record's", .invalidRecord) {
      put(Int32(9), header.lastOffsetDelta, &$0)
    },
    .signed("a negative last offset", .invalidRecord) { put(Int32(-1), header.lastOffsetDelta, &$0) },
    .signed("an unknown compression", .invalidRecord) { put(Int16(7), header.attributes, &$0) },
    .signed("the broker's own kind", .invalidRecord) { put(header.controlBit, header.attributes, &$0) },
    .signed("the broker's own kind in a transaction", .invalidRecord) {
      put(header.controlBit | header.transactionalBit, header.attributes, &$0)
    },
    .signed("a producer without an epoch", .invalidRecord) { put(Int64(5), header.producerID, &$0) },
    .signed("a producer without numbers", .invalidRecord) {
      put(Int64(5), header.producerID, &$0)
      put(Int16(0), header.producerEpoch, &$0)
    },
    .signed("a time far ahead", .invalidTimestamp) { put(Int64.max, header.maxTimestamp, &$0) },
    .signed("a record that is longer than the batch", .invalidRecord) { $0[header.byteCount] = 0xfe },
    .signed("a record of negative length", .invalidRecord) { $0[header.byteCount] = 1 },
    .signed("a record out of turn", .invalidRecord) { $0[header.byteCount + 3] = 2 },
    .signed("headers without end", .invalidRecord) { $0[$0.count - 1] = 0x7e },
  ]

  private static func put<Number: FixedWidthInteger>(_ number: Number, _ offset: Int, _ bytes: inout [UInt8]) {
    GzipBatch.put(number, at: offset, in: &bytes)
  }

  /// Goal (K58): the code is Kafka's, and the log is as it was: the next sound batch gets the next offset.
  @Test(arguments: lies)
  func `a batch that lies is refused and changes nothing`(_ lie: Lie) throws {
    let scene = try LogScene()
    let log = try scene.open()
    try scene.append(log, ["a"])
    var batch = Array(scene.batch(["b", "c", "d"]))
    lie.change(&batch)
    if lie.isSigned { GzipBatch.sign(&batch) }
    let (end, byteCount) = (log.logEndOffset, log.byteCount)
    do {
      _ = try log.append(batch[...], origin: .client, nowMilliseconds: scene.now)
      Issue.record("it was taken")
    } catch { #expect(error.code == lie.code, "\(error)") }
    #expect(log.logEndOffset == end && log.byteCount == byteCount)
    try scene.append(log, ["e"])
    try scene.sync(log)
    #expect(try scene.values(log) == ["a", "e"])
    #expect(try scene.values(scene.open()) == ["a", "e"])
  }

  /// Goal (K58): a batch that is too large is told from one that is damaged, and one that a segment cannot hold from both.
  @Test func `a batch that is too large is refused`() throws {
    let scene = try LogScene {
      $0.maximumMessageBytes = 1_000
      $0.segmentBytes = 500
    }
    let log = try scene.open()
    func code(_ byteCount: Int) -> ErrorCode? {
      do {
        try scene.append(log, [String(repeating: "x", count: byteCount)])
        return nil
      } catch { return (error as? PartitionLogError)?.code }
    }
    #expect(code(1_000) == .messageTooLarge)
    #expect(code(600) == .recordListTooLarge)
    #expect(code(100) == nil && log.logEndOffset == 1)
  }

  /// Goal (K58): a record of a compacted topic needs a key.
  @Test func `a compacted topic takes no record without a key`() throws {
    let scene = try LogScene { $0.cleanup = .compact }
    let log = try scene.open()
    #expect(throws: PartitionLogError.self) { try scene.append(log, ["a"]) }
    #expect(log.logEndOffset == 0)
  }

  /// Goal (K58): times at the ends of what a number holds end nothing: the roll and the start that look for silent producers go on.
  @Test(arguments: [Int64.min, Int64.min + 1_700_000_000_000, Int64(-1), Int64(0)])
  func `a time long ago does no harm`(_ time: Int64) throws {
    let scene = try LogScene { $0.segmentBytes = 300 }
    var log = try scene.open()
    var batch = Array(scene.batch(["a"], producer: 3, sequence: 0))
    GzipBatch.put(time, at: RecordBatchHeader.maxTimestamp, in: &batch)
    GzipBatch.sign(&batch)
    let isTaken = (try? log.append(batch[...], origin: .client, nowMilliseconds: scene.now)) != nil
    for _ in 0..<3 { try scene.append(log, [String(repeating: "x", count: 150)]) }
    try scene.sync(log)
    _ = try log.enforceRetention(nowMilliseconds: scene.now)
    log = try scene.open()
    #expect(try scene.values(log).count == (isTaken ? 4 : 3))
  }
}
