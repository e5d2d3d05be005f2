import Checksums
import KafkaWire
import PartitionLog
import Testing

/// Mistakes that others have made, by their numbers in the design.
struct PitfallTests {
  /// Goal (pitfall 6): a fetch reads within one segment, as Apache Kafka's does, and the next one goes on in the next.
  @Test func `pitfall 6: a read ends with its segment`() throws {
    let scene = try LogScene { $0.segmentBytes = 400 }
    let log = try scene.open()
    for number in 0..<12 { try scene.append(log, ["\(number)" + String(repeating: "x", count: 60)]) }
    try scene.sync(log)
    #expect(log.segmentCount > 2)
    let first = try LogReading.read(log, from: 0, maximumBytes: 1 << 20)
    #expect(first.count == 12 / log.segmentCount, "all of the first segment, and no more")
    #expect(try scene.values(log).count == 12)
  }

  /// Goal (pitfall 7): nothing is readable before its own sync has returned, whichever ticket covers it, and whatever is read.
  @Test func `pitfall 7: the high watermark follows the sync`() throws {
    let scene = try LogScene { $0.segmentBytes = 300 }
    let log = try scene.open()
    for number in 0..<4 { try scene.append(log, ["\(number)" + String(repeating: "x", count: 60)]) }
    let ticket = try #require(try log.syncTicket())
    try scene.append(log, ["4"])
    #expect(log.highWatermark == 0 && ticket.endOffset == 4)
    #expect(try log.latestMoment(reach: .disk) == .none)
    #expect(try log.find(timestamp: 0, reach: .disk) == .none)
    try ticket.sync()
    #expect(log.highWatermark == 0)
    log.finish(ticket)
    #expect(log.highWatermark == 4)
    #expect(try LogReading.values(log, from: 0).map(\.offset) == [0, 1, 2, 3])
    #expect(throws: PartitionLogError.self) { try log.deleteRecords(before: 5, nowMilliseconds: scene.now) }
  }

  /// Goal (pitfall 11): a refusal has no offset: it is thrown, so that no answer can carry one.
  @Test func `pitfall 11: a refused batch has no offset`() throws {
    let scene = try LogScene()
    let log = try scene.open()
    _ = try log.append(scene.batch(["a"], producer: 1, sequence: 0), origin: .client, nowMilliseconds: scene.now)
    #expect(throws: PartitionLogError.self) {
      try log.append(scene.batch(["b"], producer: 1, sequence: 2), origin: .client, nowMilliseconds: scene.now)
    }
    #expect(log.logEndOffset == 1)
  }

  /// Goal (pitfall 14): a producer's numbers wrap in the log and over a start, within a batch and between two.
  @Test(arguments: [PartitionLog.Shutdown.clean, .unclean])
  func `pitfall 14: numbers wrap over a start`(_ shutdown: PartitionLog.Shutdown) throws {
    let scene = try LogScene()
    var log = try scene.open()
    func append(_ values: [String], _ sequence: Int32) throws -> Appended {
      try log.append(
        scene.batch(values, producer: 1, sequence: sequence), origin: .client, nowMilliseconds: scene.now)
    }
    _ = try append(["a", "b"], .max - 2)
    _ = try append(["c", "d", "e"], .max)
    if shutdown == .clean { try log.close() } else { try scene.sync(log) }
    log = try scene.open(shutdown, LogCheckpoint(recoveryPoint: shutdown == .clean ? 5 : 0, logStartOffset: 0))
    let again = try append(["c", "d", "e"], .max)
    #expect(again.isDuplicate && again.baseOffset == 2)
    #expect(throws: PartitionLogError.self) { try append(["x"], 3) }
    #expect(try append(["f"], 2).baseOffset == 5)
  }

  /// Goal (pitfall 15): a clock that is set back closes no segment and keeps no record for ever: retention goes by the records' time.
  @Test func `pitfall 15: retention goes by the records' time`() throws {
    let scene = try LogScene { $0.segmentBytes = 300 }
    let log = try scene.open()
    let start = scene.now
    for number in 0..<6 {
      scene.now = start - Int64(number) * 10_000
      try scene.append(log, ["\(number)" + String(repeating: "x", count: 60)])
    }
    try scene.sync(log)
    log.options.retentionMilliseconds = 100_000
    #expect(try log.enforceRetention(nowMilliseconds: start - 1_000_000).isEmpty)
    #expect(
      try log.enforceRetention(nowMilliseconds: start + 50_000).isEmpty, "the latest record of the first is young")
    #expect(log.logStartOffset == 0)
    #expect(try !log.enforceRetention(nowMilliseconds: start + 100_001).isEmpty)
    #expect(log.logStartOffset == 6, "all are older now")
  }

  /// Goal (pitfall 19): a checksum is CRC-32C, of the bytes behind it and no others.
  @Test func `pitfall 19: checksums are CRC-32C`() throws {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xe306_9283)
    let scene = try LogScene()
    let batch = try RecordBatch(firstOf: scene.batch(["a"]))
    #expect(batch.checksum == CRC32C.checksum(batch.bytes.dropFirst(RecordBatchHeader.attributes)))
  }

  /// Goal: where the broker gives the time, all records of a batch have it, and the checksum is right; a repeated batch changes
  /// nothing.
  @Test(arguments: [false, true])
  func `the broker's time is stamped under a right checksum`(_ isCompressed: Bool) throws {
    let scene = try LogScene { $0.timestampType = .logAppendTime }
    let log = try scene.open()
    let sent = scene.batch(["a", "b"], producer: 1, sequence: 0)
    let batch = isCompressed ? try GzipBatch.of(sent)[...] : sent
    scene.now += 12_345_678_901
    let appended = try log.append(batch, origin: .client, nowMilliseconds: scene.now)
    #expect(appended.logAppendTimeMilliseconds == scene.now)
    scene.now += 1
    #expect(try log.append(batch, origin: .client, nowMilliseconds: scene.now).isDuplicate)
    try scene.sync(log)
    let slice = try #require(try log.slice(from: 0, maximumBytes: 1 << 20, reach: .disk))
    let stored = try RecordBatch(firstOf: try #require(try slice.read(.disk)))
    #expect(stored.isChecksumValid && stored.hasLogAppendTime && stored.maxTimestamp == scene.now - 1)
    #expect(stored.payload == (try RecordBatch(firstOf: batch)).payload)
    #expect(try log.find(timestamp: scene.now - 1, reach: .disk) == .found(.init(offset: 0, timestamp: scene.now - 1)))
  }
}
