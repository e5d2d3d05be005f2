import KafkaWire
import PartitionLog
import SimulationKit
import Testing

/// A bit that changes on the disk is noticed, costs the batch it is in and no other, and never shortens the log (K61).
/// `MILLRACE_BIT_FLIPS` says how many are tried, a little more than that in all.
struct BitFlipTests {
  static let flips = EnvironmentNumber.value("MILLRACE_BIT_FLIPS", default: 120) / 12

  /// Goal: a bit of a segment's batches. Below what is proven to be durable nothing is cut off: the batch is refused, and every
  /// other record is read, by its offset and by its time.
  @Test(arguments: [PartitionLog.Shutdown.clean, .unclean])
  func `a bit of a batch`(_ shutdown: PartitionLog.Shutdown) throws {
    try SeededProperty.holds(forSeeds: 3) { random in
      let folder = try DamagedFolder(shutdown, seed: random.next())
      for _ in 0..<Self.flips {
        // What follows the last proof of an unclean end may have been torn by that end.
        let flip = folder.randomFlip([".log"], &random) { shutdown == .clean || !$0.hasPrefix(folder.activeBase) }
        guard let flip else { throw PartitionLogError(.unknownServerError, "there is no closed segment") }
        try folder.lay(flip)
        let log = try folder.open()
        let hit = try folder.batch(hitBy: flip)
        try Self.claimNothingIsShortened(log, folder, flip)
        try Self.claimReads(log, folder, lost: hit, flip)
        try Self.claimTimes(log, folder, lost: hit, flip)
        try SeededProperty.claim(
          log.findings.take().contains { $0.kind == .recordsDamaged }, "nobody is told of \(flip)")
        if !flip.name.hasPrefix(folder.activeBase) {
          let outcomes = try log.segmentChecks().map { try $0.perform() }
          try SeededProperty.claim(outcomes.count { $0 == .damaged } == 1, "a check: \(outcomes), \(flip)")
        }
        try Self.claimGoesOn(log, folder, flip)
      }
    }
  }

  /// Goal: a bit of an index. Nothing is lost: what it says is compared with the log, and it is made anew.
  @Test(arguments: [PartitionLog.Shutdown.clean, .unclean])
  func `a bit of an index`(_ shutdown: PartitionLog.Shutdown) throws {
    try SeededProperty.holds(forSeeds: 3) { random in
      let folder = try DamagedFolder(shutdown, seed: random.next())
      for number in 0..<Self.flips {
        guard let flip = folder.randomFlip([".index", ".timeindex"], &random, where: { _ in true }) else {
          throw PartitionLogError(.unknownServerError, "there is no index")
        }
        try folder.lay(flip)
        let log = try folder.open()
        try Self.claimNothingIsShortened(log, folder, flip)
        if !flip.name.hasPrefix(folder.activeBase), number % 2 == 0 {
          let checks = log.segmentChecks()
          let wrong = try checks.filter { try $0.perform() == .wrongIndex }
          // A start has made the one anew that it looked at.
          let told = log.findings.take()
          try SeededProperty.claim(
            wrong.count == 1 || told.contains { $0.kind == .indexRebuilt },
            "a check finds \(wrong.map(\.path)) wrong for \(flip)")
          for check in wrong { try log.mend(check) }
          try SeededProperty.claim(try checks.allSatisfy { try $0.perform() == .sound }, "not mended: \(flip)")
        }
        try SeededProperty.claim(try log.enforceRetention(nowMilliseconds: folder.scene.now).isEmpty, "\(flip) deletes")
        try Self.claimReads(log, folder, lost: nil, flip)
        try Self.claimTimes(log, folder, lost: nil, flip)
        try Self.claimGoesOn(log, folder, flip)
        try SeededProperty.claim(log.findings.take().allSatisfy { !$0.isLoss }, "\(flip) is taken for a loss")
      }
    }
  }

  /// Goal: a bit of a snapshot of producers. An older one and the log tell the same.
  @Test(arguments: [PartitionLog.Shutdown.clean, .unclean])
  func `a bit of a snapshot`(_ shutdown: PartitionLog.Shutdown) throws {
    try SeededProperty.holds(forSeeds: 2) { random in
      let folder = try DamagedFolder(shutdown, seed: random.next())
      for _ in 0..<Self.flips / 2 {
        let newest = folder.files.keys.filter { $0.hasSuffix(".snapshot") }.max() ?? ""
        guard let flip = folder.randomFlip([".snapshot"], &random, where: { $0 == newest }) else {
          throw PartitionLogError(.unknownServerError, "there is no snapshot")
        }
        try folder.lay(flip)
        let log = try folder.open()
        try SeededProperty.claim(
          log.findings.take().contains { $0.kind == .snapshotDamaged }, "nobody is told of \(flip)")
        try Self.claimNothingIsShortened(log, folder, flip)
        try Self.claimReads(log, folder, lost: nil, flip)
        try Self.claimGoesOn(log, folder, flip)
      }
    }
  }

  // MARK: claims

  private static func claimNothingIsShortened(
    _ log: PartitionLog, _ folder: DamagedFolder, _ flip: DamagedFolder.Flip
  ) throws {
    try SeededProperty.claim(
      log.logEndOffset == folder.logEndOffset && log.highWatermark == folder.logEndOffset && log.logStartOffset == 0,
      "\(log.logStartOffset)..<\(log.logEndOffset), not 0..<\(folder.logEndOffset), after \(flip)")
  }

  /// From every offset: the record that was written there, or a refusal where its batch was hit.
  private static func claimReads(
    _ log: PartitionLog, _ folder: DamagedFolder, lost: ClosedRange<Int64>?, _ flip: DamagedFolder.Flip
  ) throws {
    for wanted in folder.written {
      do {
        let slice = try log.slice(from: wanted.offset, maximumBytes: 700, reach: .disk)
        var bytes = try slice?.read(.disk) ?? []
        try SeededProperty.claim(!bytes.isEmpty, "offset \(wanted.offset) gives nothing after \(flip)")
        var seen = false
        while !bytes.isEmpty {
          let batch = try RecordBatch(firstOf: bytes)
          for record in try RecordReader.records(of: batch) {
            let original = folder.written[Int(record.offset)]
            try SeededProperty.claim(
              original.value == String(decoding: record.value ?? [], as: UTF8.self)
                && original.timestamp == record.timestamp, "offset \(record.offset) is another record after \(flip)")
            seen = seen || record.offset == wanted.offset
          }
          bytes = bytes.dropFirst(batch.byteCount)
        }
        try SeededProperty.claim(seen, "offset \(wanted.offset) is left out after \(flip)")
        try SeededProperty.claim(lost?.contains(wanted.offset) != true, "offset \(wanted.offset) is read after \(flip)")
      } catch let error as PartitionLogError {
        try SeededProperty.claim(
          error.code == .corruptMessage && lost?.contains(wanted.offset) == true,
          "offset \(wanted.offset): \(error) after \(flip)")
      }
    }
  }

  private static func claimTimes(
    _ log: PartitionLog, _ folder: DamagedFolder, lost: ClosedRange<Int64>?, _ flip: DamagedFolder.Flip
  ) throws {
    let whole = folder.written.filter { lost?.contains($0.offset) != true }
    for wanted in folder.written where wanted.offset % 3 == 0 {
      let expected = whole.first { $0.timestamp >= wanted.timestamp }
      let found = try log.find(timestamp: wanted.timestamp, reach: .disk)
      try SeededProperty.claim(
        found == expected.map { .found(.init(offset: $0.offset, timestamp: $0.timestamp)) } ?? .none,
        "the time \(wanted.timestamp) gives \(found) after \(flip)")
    }
    guard lost == nil, let latest = folder.written.map(\.timestamp).max(),
      let first = folder.written.first(where: { $0.timestamp == latest })
    else { return }
    let found = try log.latestMoment(reach: .disk)
    try SeededProperty.claim(
      found == .found(.init(offset: first.offset, timestamp: latest)), "the latest time gives \(found) after \(flip)")
  }

  /// The producer's last batch is known, and the next one is taken and read.
  private static func claimGoesOn(_ log: PartitionLog, _ folder: DamagedFolder, _ flip: DamagedFolder.Flip) throws {
    if !flip.name.hasSuffix(".log") || !flip.name.hasPrefix(folder.activeBase) {
      let again = try log.append(folder.lastBatch, origin: .client, nowMilliseconds: folder.scene.now)
      try SeededProperty.claim(again.isDuplicate, "the last batch is taken twice after \(flip)")
    }
    let appended = try folder.scene.append(log, ["next"])
    try folder.scene.sync(log)
    try SeededProperty.claim(appended.baseOffset == folder.logEndOffset, "\(appended.baseOffset) is next after \(flip)")
    try SeededProperty.claim(
      try folder.scene.values(log, from: appended.baseOffset) == ["next"], "the next one is not read after \(flip)")
  }
}
