import KafkaWire
import PartitionLog
import Testing

struct PartitionLogTests {
  /// Goal: offsets ascend by one, and what was written is read back, over segments and after each kind of end.
  @Test(arguments: [PartitionLog.Shutdown.clean, .unclean])
  func `what is appended is read back after a start`(_ shutdown: PartitionLog.Shutdown) throws {
    let scene = try LogScene { $0.segmentBytes = 2_000 }
    var log = try scene.open()
    var expected: [String] = []
    for round in 0..<5 {
      for number in 0..<40 {
        let values = (0...(number % 3)).map { "\(round)-\(number)-\($0)" }
        let appended = try scene.append(log, values)
        #expect(appended.baseOffset == Int64(expected.count))
        expected += values
        #expect(appended.lastOffset == Int64(expected.count) - 1)
      }
      try scene.sync(log)
      #expect(log.segmentCount > 1)
      for bytes in [1, 300, 1 << 20] { #expect(try scene.values(log, maximumBytes: bytes) == expected) }
      if shutdown == .clean { try log.close() }
      log = try scene.open(shutdown)
      #expect(log.logEndOffset == Int64(expected.count) && log.highWatermark == log.logEndOffset)
      #expect(try scene.values(log) == expected)
    }
  }

  /// Goal (pitfall 7): nobody reads what no sync has covered; where the topic does not ask for it, everybody does at once.
  @Test func `the high watermark is what was synced`() throws {
    let scene = try LogScene()
    let log = try scene.open()
    try scene.append(log, ["a", "b"])
    #expect(log.highWatermark == 0 && log.logEndOffset == 2)
    #expect(try log.slice(from: 0, maximumBytes: 100, reach: .disk)?.isEmpty == true)
    let ticket = try #require(try log.syncTicket())
    try scene.append(log, ["c"])
    try ticket.sync()
    log.finish(ticket)
    #expect(log.highWatermark == 2, "the ticket was made before c")
    #expect(try scene.values(log) == ["a", "b"])
    try scene.sync(log)
    #expect(try scene.values(log) == ["a", "b", "c"])
    log.options.flush = .never
    try scene.append(log, ["d"])
    #expect(log.highWatermark == 4)
  }

  /// Goal: half a batch at the end is cut off, what stands before it stays.
  @Test func `an unfinished batch is cut off at the start`() throws {
    let scene = try LogScene()
    var log = try scene.open()
    try scene.append(log, ["a"])
    try scene.append(log, ["b"])
    try scene.sync(log)
    let path = "\(log.directory)/00000000000000000000.log"
    let file = try scene.files.open(path, .existing)
    try file.truncate(to: file.byteCount() - 3)
    log = try scene.open()
    #expect(log.logEndOffset == 1)
    #expect(try scene.values(log) == ["a"])
    try scene.append(log, ["c"])
    try scene.sync(log)
    #expect(try scene.values(log) == ["a", "c"])
  }

  /// Goal: a checkpoint keeps the start from looking at what lies before it, and the producers are known all the same.
  @Test func `a start goes on from the recovery point`() throws {
    let scene = try LogScene { $0.segmentBytes = 4_000 }
    var log = try scene.open()
    for number in 0..<100 {
      _ = try log.append(
        scene.batch(["\(number)"], producer: 7, sequence: Int32(number)), origin: .client, nowMilliseconds: scene.now)
    }
    try scene.sync(log)
    let checkpoint = try #require(try log.checkpoint())
    try checkpoint.perform()
    log.finish(checkpoint)
    #expect(log.recoveryPoint == 100)
    _ = try log.append(scene.batch(["100"], producer: 7, sequence: 100), origin: .client, nowMilliseconds: scene.now)
    try scene.sync(log)
    log = try scene.open(.unclean, LogCheckpoint(recoveryPoint: 100, logStartOffset: 0))
    #expect(try scene.values(log) == (0...100).map(String.init))
    let again = try log.append(
      scene.batch(["100"], producer: 7, sequence: 100), origin: .client, nowMilliseconds: scene.now)
    #expect(again.isDuplicate && again.baseOffset == 100)
    #expect(throws: PartitionLogError.self) {
      try log.append(scene.batch(["x"], producer: 7, sequence: 102), origin: .client, nowMilliseconds: scene.now)
    }
  }

  /// Goal: retention and deletion move the start, and never what is not yet durable.
  @Test func `records are deleted from the start`() throws {
    let scene = try LogScene { $0.segmentBytes = 1_000 }
    let log = try scene.open()
    for number in 0..<60 { try scene.append(log, ["\(number)"]) }
    try scene.sync(log)
    let paths = try log.deleteRecords(before: 30, nowMilliseconds: scene.now)
    #expect(log.logStartOffset == 30 && !paths.isEmpty)
    for path in paths { try scene.files.remove(path) }
    #expect(try scene.values(log, from: 30) == (30..<60).map(String.init))
    #expect(throws: PartitionLogError.self) { try log.slice(from: 29, maximumBytes: 1, reach: .disk) }
    #expect(throws: PartitionLogError.self) { try log.deleteRecords(before: 61, nowMilliseconds: scene.now) }
    log.options.retentionMilliseconds = 1_000
    let expired = try log.enforceRetention(nowMilliseconds: scene.now + 2_000)
    #expect(!expired.isEmpty && log.logStartOffset == 60 && log.segmentCount == 1)
    let reopened = try scene.open(.unclean, LogCheckpoint(recoveryPoint: 0, logStartOffset: 60))
    #expect(reopened.logStartOffset == 60 && reopened.logEndOffset == 60)
  }

  /// Goal: the first record that is as late is found, over segments.
  @Test func `records are found by their time`() throws {
    let scene = try LogScene { $0.segmentBytes = 1_000 }
    let log = try scene.open()
    let start = scene.now
    for number in 0..<50 {
      scene.now = start + Int64(number) * 10
      try scene.append(log, ["\(number)"])
    }
    try scene.sync(log)
    for number in 0..<50 {
      let search = try log.find(timestamp: start + Int64(number) * 10 - 5, reach: .disk)
      #expect(search == .found(.init(offset: Int64(number), timestamp: start + Int64(number) * 10)))
    }
    #expect(try log.find(timestamp: scene.now + 1, reach: .disk) == .none)
    #expect(try log.latestMoment(reach: .disk) == .found(.init(offset: 49, timestamp: scene.now)))
  }
}
