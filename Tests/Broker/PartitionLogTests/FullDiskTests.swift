import KafkaWire
import PartitionLog
import Testing

struct FullDiskTests {
  /// Goal: without room an append is refused so that clients try again, and the log is as it was; with room again it goes on, at
  /// the offset where it stood. Method: room for each number of bytes up to what an append with a roll needs.
  @Test func `a full disk refuses appends and changes nothing`() throws {
    for room in stride(from: 0, to: 900, by: 9) {
      let scene = try Scene()
      let log = try scene.open()
      var expected = ["0", "1"]
      for value in expected { try scene.append(log, value) }
      scene.files.limit(bytes: room)
      for number in 2..<8 {
        let value = "\(number)" + String(repeating: "x", count: number == 4 ? 300 : 40)
        let (end, byteCount, producers) = (log.logEndOffset, log.byteCount, log.activeProducers)
        do {
          try scene.append(log, value, sequence: Int32(expected.count))
          expected.append(value)
        } catch let error as PartitionLogError {
          #expect(error.code == .kafkaStorageError, "\(room) bytes")
          #expect(log.logEndOffset == end && log.byteCount == byteCount && log.activeProducers == producers)
        }
      }
      scene.files.limit(bytes: .max)
      for value in ["after", "that"] {
        let appended = try scene.append(log, value, sequence: Int32(expected.count))
        #expect(appended.baseOffset == Int64(expected.count), "\(room) bytes")
        expected.append(value)
      }
      try scene.sync(log)
      #expect(try LogReading.values(log, from: 0).map(\.value) == expected, "\(room) bytes")
      let killed = try scene.open()
      #expect(try LogReading.values(killed, from: 0).map(\.value) == expected, "\(room) bytes")
      try killed.close()
      try IndexCheck.check(killed.directory, scene.files)
    }
  }

  /// Goal: the same on a disk that is full when the log is closed: it says so, and the next start finds what was synced.
  @Test func `a full disk is told when the log is closed`() throws {
    let scene = try Scene()
    let log = try scene.open()
    for number in 0..<5 { try scene.append(log, "\(number)" + String(repeating: "x", count: 100)) }
    try scene.sync(log)
    scene.files.limit(bytes: 0)
    #expect(throws: PartitionLogError.self) { try log.close() }
    scene.files.limit(bytes: .max)
    #expect(try LogReading.values(scene.open(), from: 0).count == 5)
  }

  /// Goal: a sync that fails is told, never tried again by the log, and nothing of it is readable.
  @Test func `a failed sync is told`() throws {
    let scene = try Scene()
    let log = try scene.open()
    try scene.append(log, "a")
    scene.files.failSyncs(true)
    let ticket = try #require(try log.syncTicket())
    #expect(throws: FileError.self) { try ticket.sync() }
    #expect(log.highWatermark == 0)
    let checkpoint = try #require(try log.checkpoint())
    #expect(throws: FileError.self) { try checkpoint.perform() }
    #expect(throws: PartitionLogError.self) { try log.close() }
  }
}

/// A log on a disk that can be full.
private struct Scene {
  let files = PowerCutFiles()
  var options = LogOptions()
  let now: Int64 = 1_700_000_000_000

  init() throws {
    try files.makeDirectory("/data")
    options.segmentBytes = 400
    options.indexIntervalBytes = 50
  }

  func open() throws -> PartitionLog {
    try PartitionLog(
      directory: "/data/t-0", topicID: WireUUID(high: 1, low: 2), options: options, files: files,
      cache: FileCache(files), checkpointed: LogCheckpoint(), after: .unclean, nowMilliseconds: now)
  }

  @discardableResult
  func append(_ log: PartitionLog, _ value: String, sequence: Int32? = nil) throws -> Appended {
    var builder = RecordBatchBuilder()
    builder.producerID = 5
    builder.producerEpoch = 0
    builder.baseSequence = sequence ?? Int32(log.logEndOffset)
    builder.append(key: nil, value: Array(value.utf8)[...], timestamp: now)
    return try log.append(builder.finish()[...], origin: .client, nowMilliseconds: now)
  }

  func sync(_ log: PartitionLog) throws {
    guard let ticket = try log.syncTicket() else { return }
    try ticket.sync()
    log.finish(ticket)
  }
}
