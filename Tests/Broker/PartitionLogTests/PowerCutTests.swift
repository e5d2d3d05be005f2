import KafkaWire
import SimulationKit
import Testing

@testable import PartitionLog

struct PowerCutTests {
  /// Goal: whatever the power is cut in, and whatever of the unsynced is left: what was acknowledged is there, once, in order and
  /// at its offset; nothing is there that was not appended; producers go on with their next number; the indexes fit. Method: a
  /// load of random steps on files in memory, many states of them after cuts, some cut again while they are opened. The environment
  /// variable MILLRACE_CRASH_STATES says how many.
  @Test func `nothing that was acknowledged is lost when the power is cut`() throws {
    let states = EnvironmentNumber.value("MILLRACE_CRASH_STATES", default: 300)
    try SeededProperty.holds(forSeeds: max(1, states / Self.statesPerLoad)) { random in
      var load = try PowerCutLoad(&random)
      var left = Self.statesPerLoad
      while left > 0 {
        let steps = Int.random(in: 1...12, using: &random)
        for _ in 0..<steps { try load.step(&random) }
        for survival in [PowerCutFiles.Survival.prefix, .reordered] {
          try Self.check(load.files.afterPowerCut(survival, &random), load, &random)
          left -= 1
        }
      }
    }
  }

  private static let statesPerLoad = 20

  private static func check(_ found: PowerCutFiles, _ load: PowerCutLoad, _ random: inout SeededGenerator) throws {
    var files = found
    if random.isOne(in: 3) {
      files.fail(afterCalls: Int.random(in: 0...25, using: &random))
      _ = try? PowerCutLoad.open(files, load.options, nowMilliseconds: load.now)
      files = files.afterPowerCut(random.isOne(in: 2) ? .prefix : .reordered, &random)
    }
    let log = try PowerCutLoad.open(files, load.options, nowMilliseconds: load.now)
    let appended = load.batches.last.map { $0.last + 1 } ?? 0
    try SeededProperty.claim(
      (load.acknowledged...appended).contains(log.logEndOffset) && log.highWatermark == log.logEndOffset,
      "the end is \(log.logEndOffset); acknowledged are \(load.acknowledged) of \(appended)")
    try SeededProperty.claim(
      log.logStartOffset <= load.deleted, "the start is \(log.logStartOffset), not \(load.deleted)")
    try checkRecords(log, load, from: min(load.deleted, log.logEndOffset))
    try checkProducers(log, load)
    let added = try log.append(
      load.bytes(of: .init(first: 0, last: 0, values: ["after"], producer: -1, sequence: -1)), origin: .client,
      nowMilliseconds: load.now)
    try log.close()
    try IndexCheck.check(log.directory, files)
    let options = load.options
    let again = try PartitionLog(
      directory: log.directory, topicID: log.topicID, options: options, files: files, cache: FileCache(files),
      checkpointed: LogCheckpoint(recoveryPoint: log.recoveryPoint, logStartOffset: log.logStartOffset), after: .clean,
      nowMilliseconds: load.now)
    try SeededProperty.claim(
      again.logEndOffset == added.lastOffset + 1, "a clean end at \(added.lastOffset + 1) is \(again.logEndOffset)")
    try SeededProperty.claim(
      LogReading.values(again, from: added.baseOffset).last?.value == "after", "what came after the cut is not there")
  }

  private static func checkRecords(_ log: PartitionLog, _ load: PowerCutLoad, from start: Int64) throws {
    var expected: [LogReading.Row] = []
    for batch in load.batches where batch.last >= start && batch.first < log.logEndOffset {
      for (index, value) in batch.values.enumerated() where batch.first + Int64(index) >= start {
        expected.append(.init(offset: batch.first + Int64(index), value: value))
      }
    }
    let found = try LogReading.values(log, from: start)
    try SeededProperty.claim(
      found == expected,
      "from \(start) there are \(found.map(\.offset)), not \(expected.map(\.offset)), or their values differ")
  }

  private static func checkProducers(_ log: PartitionLog, _ load: PowerCutLoad) throws {
    let end = log.logEndOffset
    for producer in 0...Int64(3) {
      guard let last = load.batches.last(where: { $0.producer == producer && $0.last < end }),
        last.first >= load.deleted
      else { continue }
      let again = try log.append(load.bytes(of: last), origin: .client, nowMilliseconds: load.now)
      try SeededProperty.claim(
        again.isDuplicate && again.baseOffset == last.first, "the last batch of \(producer) came to \(again)")
      let next = last.sequence + Int32(last.values.count)
      let gap = PowerCutLoad.Batch(first: 0, last: 0, values: ["gap"], producer: producer, sequence: next + 1)
      let refused = (try? log.append(load.bytes(of: gap), origin: .client, nowMilliseconds: load.now)) == nil
      try SeededProperty.claim(refused, "producer \(producer) left \(next) out")
      let new = PowerCutLoad.Batch(first: 0, last: 0, values: ["next"], producer: producer, sequence: next)
      let taken = try log.append(load.bytes(of: new), origin: .client, nowMilliseconds: load.now)
      try SeededProperty.claim(!taken.isDuplicate, "the next batch of \(producer) was taken for an old one")
    }
  }
}
