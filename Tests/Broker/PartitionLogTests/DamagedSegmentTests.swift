import KafkaWire
import SimulationKit
import Testing

@testable import PartitionLog

struct DamagedSegmentTests {
  /// Goal: a bit that has turned over in a closed segment costs at most the batch that it is in: every read gives the records as
  /// they were appended, or the error `corruptMessage` for that batch, and everything before and behind it stays readable; no start
  /// cuts a closed segment. Method: one bit of one file at a time, after both kinds of end; the environment variable
  /// MILLRACE_BIT_FLIPS says how many.
  @Test func `a damaged bit costs one batch at most`() throws {
    let flips = EnvironmentNumber.value("MILLRACE_BIT_FLIPS", default: 200)
    try SeededProperty.holds(forSeeds: max(1, flips / Self.flipsPerLog)) { random in
      let scene = try FlipScene(&random)
      for _ in 0..<Self.flipsPerLog { try Self.flip(scene, &random) }
    }
  }

  private static let flipsPerLog = 20

  private static func flip(_ scene: FlipScene, _ random: inout SeededGenerator) throws {
    let name = try scene.closedNames.randomElement(using: &random) ?? ""
    let (path, random2) = ("\(scene.directory)/\(name)", random.next())
    guard var bytes = scene.contents[name], !bytes.isEmpty else { return }
    let bit = Int(random2 % UInt64(bytes.count * 8))
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    let file = try scene.files.open(path, .existing)
    try file.write([bytes[...]], at: 0)
    for shutdown in [PartitionLog.Shutdown.clean, .unclean] {
      let log = try scene.open(shutdown)
      let what = "bit \(bit % 8) of byte \(bit / 8) of \(name), \(shutdown)"
      try check(log, scene, what)
      for (name, whole) in scene.contents where name.hasSuffix(".log") {
        let length = try scene.files.open("\(scene.directory)/\(name)", .existing).byteCount()
        try SeededProperty.claim(length == Int64(whole.count), "\(what): \(length) bytes of \(name) are left")
      }
    }
    // The next flip finds everything as it was.
    for (name, whole) in scene.contents {
      let file = try scene.files.open("\(scene.directory)/\(name)", .empty)
      try file.write([whole[...]], at: 0)
    }
  }

  private static func check(_ log: PartitionLog, _ scene: FlipScene, _ what: String) throws {
    try SeededProperty.claim(log.logEndOffset == scene.end, "\(what): the end is \(log.logEndOffset), not \(scene.end)")
    var lost: Set<Int64> = []
    for offset in 0..<scene.end {
      do {
        let rows = try LogReading.read(log, from: offset, maximumBytes: 300)
        try SeededProperty.claim(
          rows.first?.offset == offset, "\(what): \(offset) is read as \(rows.first?.offset ?? -1)")
        for row in rows {
          try SeededProperty.claim(row.value == scene.values[Int(row.offset)], "\(what): \(row.offset) has other bytes")
        }
      } catch let error as PartitionLogError where error.code == .corruptMessage { lost.insert(offset) }
    }
    let batches = Set(lost.map { offset in scene.firsts.last { $0 <= offset } ?? -1 })
    try SeededProperty.claim(
      batches.count <= 1, "\(what): \(lost.sorted()) are lost, of the batches \(batches.sorted())")
    try SeededProperty.claim(lost.isEmpty || what.contains(".log"), "\(what): \(lost.sorted()) are lost")
    for number in 0..<10 {
      let time = scene.firstTime + Int64(number) * Int64(scene.values.count) / 10
      let search = try log.find(timestamp: time, reach: .disk)
      let expected = scene.times.firstIndex { $0 >= time }.map(Int64.init)
      guard let expected, !lost.contains(expected) else { continue }
      try SeededProperty.claim(
        search == .found(.init(offset: expected, timestamp: scene.times[Int(expected)])),
        "\(what): for \(time) there is \(search), not \(expected)")
    }
  }
}

/// A log of several segments with its files as a checkpoint has left them.
private struct FlipScene {
  let files = PowerCutFiles()
  let directory = "/data/t-0"
  var options = LogOptions()
  var values: [String] = []
  var times: [Int64] = []
  /// The first offset of each batch.
  var firsts: [Int64] = []
  var contents: [String: [UInt8]] = [:]
  let firstTime: Int64 = 1_700_000_000_000
  var end: Int64 { Int64(values.count) }

  init(_ random: inout SeededGenerator) throws {
    try files.makeDirectory("/data")
    options.segmentBytes = 3_000
    options.indexIntervalBytes = Int.random(in: 200...1_500, using: &random)
    let log = try open(.unclean)
    var sequence: Int32 = 0
    for number in 0..<40 {
      var builder = RecordBatchBuilder()
      builder.producerID = 9
      builder.producerEpoch = 0
      builder.baseSequence = sequence
      firsts.append(end)
      for _ in 0...Int.random(in: 0...2, using: &random) {
        let time = firstTime + Int64(number) + Int64.random(in: -2...3, using: &random)
        values.append("\(end)-" + String(repeating: "v", count: Int.random(in: 0...300, using: &random)))
        times.append(time)
        builder.append(key: nil, value: Array(values[values.count - 1].utf8)[...], timestamp: time)
      }
      sequence += Int32(builder.recordCount)
      _ = try log.append(builder.finish()[...], origin: .client, nowMilliseconds: firstTime)
    }
    try log.close()
    for name in try files.names(in: directory) {
      contents[name] = try files.contents(of: "\(directory)/\(name)")
    }
  }

  var closedNames: [String] {
    get throws {
      let segments = contents.keys.compactMap(SegmentName.parse)
      let active = segments.filter { $0.kind == .log }.map(\.offset).max() ?? 0
      return segments.filter { $0.offset != active || $0.kind == .snapshot }
        .map { SegmentName.file($0.offset, $0.kind) }.sorted()
    }
  }

  func open(_ shutdown: PartitionLog.Shutdown) throws -> PartitionLog {
    try PartitionLog(
      directory: directory, topicID: WireUUID(high: 1, low: 2), options: options, files: files, cache: FileCache(files),
      checkpointed: LogCheckpoint(recoveryPoint: end, logStartOffset: 0), after: shutdown, nowMilliseconds: firstTime)
  }
}
