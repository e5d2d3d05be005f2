import FoundationEssentials
import KafkaWire
import PartitionLog
import RealServers
import SimulationKit
import Testing

/// Apache Kafka's own tool judges the files.
@Suite(.enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)))
struct KafkaDumpTests {
  /// Goal: every file of a partition is one that Apache Kafka would have written: batches, both indexes, and the producers;
  /// after a clean end, after a kill, and after a kill in the midst of a batch.
  @Test func `Apache Kafka finds nothing wrong with the files`() async throws {
    for ending in Ending.allCases {
      let scene = try LogScene {
        $0.segmentBytes = 20_000
        $0.indexIntervalBytes = 700
      }
      var random = SeededGenerator(seed: 5)
      let log = try scene.open()
      var sequences: [Int64: Int32] = [7: .max - 20, 8: 0, 4_000_000_000: 0]
      for number in 0..<150 {
        try Self.append(log, scene, number, &sequences, &random)
        if number % 20 == 0 { try scene.sync(log) }
        if number == 60, let checkpoint = try log.checkpoint() {
          try checkpoint.perform()
          log.finish(checkpoint)
          try checkpoint.removeOldSnapshots()
        }
      }
      let end = log.logEndOffset
      let reopened = try Self.end(log, scene, ending)
      #expect(reopened.logEndOffset == (ending == .tornKill ? end - 1 : end))
      try await Self.judge(scene, reopened, ending)
    }
  }

  private enum Ending: CaseIterable { case clean, kill, tornKill }

  private static func append(
    _ log: PartitionLog, _ scene: LogScene, _ number: Int, _ sequences: inout [Int64: Int32],
    _ random: inout SeededGenerator
  ) throws {
    scene.now += Int64.random(in: -3...10, using: &random)
    let isLast = number == 149
    let count: Int = isLast ? 1 : Int.random(in: 1...6, using: &random)
    let values = (0..<count).map { (index: Int) -> String in
      String(repeating: "v", count: random.isOne(in: 10) ? 2_500 : Int.random(in: 0...200, using: &random)) + "\(index)"
    }
    let producers: [Int64] = [-1, 7, 8, 4_000_000_000]
    let producer = isLast ? -1 : producers[number % 4]
    let sequence = sequences[producer] ?? -1
    var batch = Array(scene.batch(values, producer: producer, sequence: sequence))
    if number % 7 == 3 { batch = try GzipBatch.of(batch[...]) }
    _ = try log.append(batch[...], origin: .client, nowMilliseconds: scene.now)
    if producer >= 0 {
      sequences[producer] = Int32(truncatingIfNeeded: (Int64(sequence) + Int64(count)) & 0x7fff_ffff)
    }
  }

  /// Ends the log, opens it again, and closes it: what a broker leaves behind.
  private static func end(_ log: PartitionLog, _ scene: LogScene, _ ending: Ending) throws -> PartitionLog {
    switch ending {
    case .clean:
      try log.close()
      return try scene.open(.clean, LogCheckpoint(recoveryPoint: log.recoveryPoint, logStartOffset: 0))
    case .kill, .tornKill:
      if ending == .tornKill {
        let names = try scene.files.names(in: log.directory).filter { $0.hasSuffix(".log") }.sorted()
        let file = try scene.files.open("\(log.directory)/\(try #require(names.last))", .existing)
        try file.truncate(to: file.byteCount() - 5)
      }
      let reopened = try scene.open(.unclean, LogCheckpoint(recoveryPoint: log.recoveryPoint, logStartOffset: 0))
      try reopened.close()
      return reopened
    }
  }

  private static func judge(_ scene: LogScene, _ log: PartitionLog, _ ending: Ending) async throws {
    let names = try scene.files.names(in: log.directory)
    let logs = names.filter { $0.hasSuffix(".log") }
    #expect(logs.count > 3)
    for name in logs {
      let base = name.dropLast(4)
      #expect(names.contains("\(base).index") && names.contains("\(base).timeindex"))
    }
    let deep = try await SegmentDump.run(logs, in: log.directory, ["--deep-iteration"])
    #expect(deep.contains("isvalid: true") && deep.contains("compresscodec: gzip"), "\(ending)")
    #expect(deep.contains("lastOffset: \(log.logEndOffset - 1) "), "\(ending)")
    #expect(!complains(deep), "\(ending): \(deep.suffix(2_000))")
    let indexes = names.filter { $0.hasSuffix(".index") || $0.hasSuffix(".timeindex") }
    let places = try await SegmentDump.run(indexes, in: log.directory, [])
    #expect(places.contains("offset: ") && places.contains("timestamp: ") && !complains(places), "\(ending): \(places)")
    let sane = try await SegmentDump.run(indexes, in: log.directory, ["--index-sanity-check"])
    #expect(
      sane.split(separator: "\n").filter { $0.hasSuffix("passed sanity check.") }.count == indexes.count, "\(sane)")
    let snapshots = names.filter { $0.hasSuffix(".snapshot") }
    let producers = try await SegmentDump.run(snapshots, in: log.directory, [])
    for producer in log.activeProducers {
      #expect(
        producers.contains("producerId: \(producer.id) producerEpoch: \(producer.epoch)")
          && producers.contains("lastSequence: \(producer.lastSequence)"), "\(ending): \(producers)")
    }
    #expect(log.activeProducers.count == 3 && !complains(producers))
  }

  /// Whether it speaks of damage. What it says then depends on what it found.
  private static func complains(_ output: String) -> Bool {
    // It takes each segment but the first for one that misses what the others hold.
    let hasGap = output.split(separator: "\n").contains { $0.contains(" is followed by ") && !$0.contains(" -1 is ") }
    let words = ["isvalid: false", "ismatch", "Exception", "orrupt", "invalid bytes", "out of order", "Error"]
    return hasGap || words.contains { output.contains($0) }
  }
}
