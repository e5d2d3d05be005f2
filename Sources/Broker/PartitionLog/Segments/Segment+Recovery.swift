internal import KafkaWire

extension Segment {
  /// What a start found in a segment.
  struct Recovered {
    /// The offset behind its last record; at least what was proven to be there.
    var end: Int64
    /// Whether bytes behind the last whole batch were cut off.
    var wasCut = false
    /// Whether records are not whole, or not there, that were proven to be durable. Nothing was cut off for them.
    var isDamaged = false
    /// Whether nothing was there that is not proven: there is nothing to be synced.
    var isProven = true
  }

  /// Walks the batches of a start. What lies before the proven offset was durable: damage there is told and passed, and nothing is
  /// cut off. Behind it, the file is cut behind the last batch that is whole and in order. The indexes are as the log then.
  ///
  /// - Parameter proven: `.max` where everything is: after a clean end.
  func recover(
    provenTo proven: Int64, _ options: LogOptions, each: (RecordBatch) -> Void
  ) throws(FileError) -> Recovered {
    let log = try files.open(path(.log), .existing)
    let fileByteCount = byteCount
    let kept = try keptIndex(before: proven)
    begin(kept.index)
    var recovered = Recovered(end: baseOffset)
    var scan = BatchScan(
      log, from: byteCount, to: fileByteCount, expectation(at: kept.index.places.last), .checksum)
    try passProven(&scan, proven, options, &recovered, each)
    if let border = recovered.border(of: scan, proven) {
      try judge(log, from: border, to: fileByteCount, proven, options, &recovered, each)
    } else {
      byteCount = fileByteCount
    }
    if kept.isWhole { try writeIndex(.open) } else { try rewriteIndex() }
    recovered.isProven = recovered.isProven && kept.isWhole
    try learnFirstTimestamp()
    return recovered
  }

  /// The entries of batches that end before the offset; none where they do not tell what the log does.
  private func keptIndex(before offset: Int64) throws(FileError) -> (index: SegmentIndex, isWhole: Bool) {
    guard let bytes = try readIndexFiles(.disk),
      let loaded = SegmentIndex(places: bytes.places, moments: bytes.moments, logByteCount: byteCount)
    else { return noIndex() }
    var index = loaded
    index.cut(toRelativeOffset: offset == .max ? .max : max(0, offset - baseOffset))
    if let place = index.places.last {
      var scan = BatchScan(try log(), from: Int64(place.position), to: byteCount, expectation(at: place), .checksum)
      guard try scan.look() != nil else { return noIndex() }
    }
    if let moment = index.moments.last {
      guard try isTrue(moment, index, .disk) == true else { return noIndex() }
    }
    return (index, index == loaded)
  }

  private func noIndex() -> (index: SegmentIndex, isWhole: Bool) {
    findings.add(LogFinding(.indexRebuilt, path(.index), "its entries do not tell what the log does"))
    return (SegmentIndex(), false)
  }

  /// What was known when the batch of the last entry was about to be noted.
  private func begin(_ kept: SegmentIndex) {
    index = kept
    persistedPlaces = kept.places.count
    persistedMoments = kept.moments.count
    bytesSinceEntry = 0
    firstTimestamp = nil
    maxTimestamp = kept.moments.last?.timestamp ?? -1
    offsetOfMaxTimestamp = kept.moments.last.map { baseOffset + Int64($0.relativeOffset) } ?? -1
    byteCount = Int64(kept.places.last?.position ?? 0)
  }

  /// Takes note of what is proven, from the last entry on.
  private func passProven(
    _ scan: inout BatchScan, _ proven: Int64, _ options: LogOptions, _ recovered: inout Recovered,
    _ each: (RecordBatch) -> Void
  ) throws(FileError) {
    while !scan.isAt(proven) {
      guard let found = try scan.look() else {
        guard scan.isDamaged else {
          guard proven != .max else { return }
          recovered.isDamaged = true
          return findings.add(
            LogFinding(.recordsDamaged, path(.log), at: scan.position, "what comes before offset \(proven) is missing"))
        }
        recovered.isDamaged = true
        noteDamage(at: scan.position)
        guard try scan.resume() else { return }
        continue
      }
      guard found.batch.baseOffset < proven else { return }
      _ = try scan.next()
      byteCount = found.position
      note(found, options)
      recovered.end = found.batch.lastOffset + 1
      each(found.batch)
    }
  }

  /// Judges what is not proven, and cuts off what is not whole.
  private func judge(
    _ log: any LogFile, from border: Int64, to fileByteCount: Int64, _ proven: Int64, _ options: LogOptions,
    _ recovered: inout Recovered, _ each: (RecordBatch) -> Void
  ) throws(FileError) {
    byteCount = border
    recovered.end = max(baseOffset, recovered.end, proven == .max ? 0 : proven)
    recovered.isProven = border == fileByteCount
    var scan = BatchScan(
      log, from: border, to: fileByteCount, .base(recovered.end), .checksum, chunkByteCount: LogLimits.scanBytes)
    while let found = try scan.next(), found.batch.lastOffset - baseOffset <= Int64(Int32.max) {
      note(found, options)
      recovered.end = found.batch.lastOffset + 1
      each(found.batch)
    }
    guard byteCount < fileByteCount else { return }
    try log.truncate(to: byteCount)
    recovered.wasCut = true
    findings.add(
      LogFinding(.tailCut, path(.log), at: byteCount, "\(fileByteCount - byteCount) bytes were not whole"))
  }

  private func note(_ found: BatchScan.Found, _ options: LogOptions) {
    note(
      byteCount: found.batch.byteCount, lastOffset: found.batch.lastOffset, maxTimestamp: found.batch.maxTimestamp,
      intervalBytes: options.indexIntervalBytes)
  }
}

extension BatchScan {
  /// Whether it stands where the offset's batch begins, or behind.
  fileprivate func isAt(_ offset: Int64) -> Bool {
    if case .base(let base) = expectation { base >= offset } else { false }
  }
}

extension Segment.Recovered {
  /// Where begins what is not proven; nil where the end of what is proven cannot be told, and everything is left.
  fileprivate func border(of scan: BatchScan, _ proven: Int64) -> Int64? {
    scan.isDamaged ? nil : scan.position
  }
}
