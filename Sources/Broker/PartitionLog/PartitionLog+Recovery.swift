internal import KafkaWire

extension PartitionLog {
  /// Makes the folder or reads what is in it; cuts off what is not whole; finds the producers again.
  func recover(
    _ checkpointed: LogCheckpoint, after shutdown: Shutdown, nowMilliseconds now: Int64
  ) throws(FileError) {
    let bases = try prepareFolder()
    for base in bases { segments.append(try Segment.open(base, in: directory, files, cache)) }
    if segments.isEmpty {
      segments = [try Segment.make(checkpointed.logStartOffset, in: directory, files, cache)]
      try files.syncDirectory(directory)
    }
    logStartOffset = max(checkpointed.logStartOffset, segments[0].baseOffset)
    switch shutdown {
    case .clean:
      logEndOffset = try activeSegment.learn(options)
      try restoreProducers(upTo: logEndOffset)
    case .unclean:
      try scan(from: max(checkpointed.recoveryPoint, segments[0].baseOffset))
    }
    try activeSegment.beginAppending()
    logEndOffset = max(logEndOffset, logStartOffset)
    recoveryPoint = min(max(checkpointed.recoveryPoint, logStartOffset), logEndOffset)
    highWatermarkPlace = endPlace
    producers.expire(nowMilliseconds: now)
  }

  /// The base offsets of the segments in the folder, ascending. What was half made or half removed goes.
  private func prepareFolder() throws(FileError) -> [Int64] {
    try files.makeDirectory(directory)
    let names = try files.names(in: directory)
    if !names.contains("partition.metadata") {
      try files.replace("\(directory)/partition.metadata", with: Array("version: 0\ntopic_id: \(topicID)".utf8))
      try files.replace("\(directory)/leader-epoch-checkpoint", with: Array("0\n1\n0 0\n".utf8))
      try files.syncDirectory(FilePath.folder(of: directory))
    }
    for name in names where name.hasSuffix(".tmp") || name.hasSuffix(".deleted") {
      try files.remove("\(directory)/\(name)")
    }
    let parsed = names.compactMap(SegmentName.parse)
    let bases = Set(parsed.filter { $0.kind == .log }.map(\.offset))
    for file in parsed where file.kind != .snapshot && file.kind != .log && !bases.contains(file.offset) {
      try files.remove("\(directory)/\(SegmentName.file(file.offset, file.kind))")
    }
    return bases.sorted()
  }

  /// Looks at every batch from the recovery point on, cuts the log behind the last one that is whole and in order, and makes
  /// durable what is left: it may be read from now on.
  private func scan(from point: Int64) throws(FileError) {
    let first = segments.lastIndex { $0.baseOffset <= point } ?? 0
    try restoreProducers(upTo: max(point, segments[first].baseOffset))
    var last = first
    var end = segments[first].baseOffset
    for index in first..<segments.count {
      let segment = segments[index]
      // A gap between segments is damage: what lies behind it was never acknowledged.
      guard index == first || segment.baseOffset == end else { break }
      let start = index == first ? max(point, segment.baseOffset) : segment.baseOffset
      let outcome = try segment.recover(from: start, options) { batch in
        if batch.lastOffset >= point { producers.note(batch) }
      }
      end = max(outcome.end, segment.baseOffset)
      last = index
      for file in try segment.filesToSync() { try file.sync() }
      if outcome.wasCut { break }
    }
    logEndOffset = end
    for segment in segments[(last + 1)...] {
      for path in segment.paths { try files.remove(path) }
    }
    segments.removeSubrange((last + 1)...)
    for segment in segments.dropLast() { segment.forgetIndex() }
    try removeSnapshots(behind: end)
    try files.syncDirectory(directory)
  }

  /// The producers as they were at the offset: from the newest snapshot that is whole, and the batches between.
  private func restoreProducers(upTo end: Int64) throws(FileError) {
    let snapshots = try files.names(in: directory).compactMap(SegmentName.parse)
      .filter { $0.kind == .snapshot && $0.offset <= end }.map(\.offset).sorted(by: >)
    var from = segments[0].baseOffset
    for offset in snapshots {
      guard let bytes = try files.contents(of: "\(directory)/\(SegmentName.file(offset, .snapshot))"),
        let table = ProducerSnapshot.decode(bytes)
      else { continue }
      producers = table
      from = offset
      break
    }
    guard from < end else { return }
    for (index, segment) in segments.enumerated() where segment.baseOffset < end {
      if index + 1 < segments.count, segments[index + 1].baseOffset <= from { continue }
      var scan = BatchScan(try segment.log(), from: 0, to: segment.byteCount, .shape)
      while let found = try scan.next(), found.batch.lastOffset < end {
        if found.batch.baseOffset >= from { producers.note(found.batch) }
      }
    }
  }

  private func removeSnapshots(behind end: Int64) throws(FileError) {
    for file in try files.names(in: directory).compactMap(SegmentName.parse)
    where file.kind == .snapshot && file.offset > end {
      try files.remove("\(directory)/\(SegmentName.file(file.offset, .snapshot))")
    }
  }
}
