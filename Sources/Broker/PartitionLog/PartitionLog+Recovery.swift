internal import KafkaWire

extension PartitionLog {
  /// Makes the folder or reads what is in it; cuts off what is not whole; finds the producers again.
  ///
  /// What was durable is told by the newest snapshot of producers: it is written when everything before it has been synced.
  func recover(
    _ checkpointed: LogCheckpoint, after shutdown: Shutdown, nowMilliseconds now: Int64
  ) throws(FileError) {
    let names = try prepareFolder(logStartOffset: checkpointed.logStartOffset)
    let proof = try newestSnapshot(names)
    producers = proof?.producers ?? ProducerTable()
    let proven = proof?.offset ?? 0
    var isNameChanged = try openSegments(names, checkpointed.logStartOffset)
    if let proof, let first = segments.first, first.baseOffset > max(proof.offset, checkpointed.logStartOffset) {
      // What it begins behind was never durable, so neither was this acknowledged.
      try remove(from: 0)
      isNameChanged = true
    }
    if segments.isEmpty {
      segments = [try Segment.make(max(checkpointed.logStartOffset, proven), in: folder)]
      isNameChanged = true
    }
    logStartOffset = max(checkpointed.logStartOffset, segments[0].baseOffset)
    // After a clean end the checkpoint tells the end too. Otherwise it may be of an earlier topic of that name.
    logEndOffset = max(proven, logStartOffset, shutdown == .clean ? checkpointed.recoveryPoint : 0)
    if try walk(from: proven, after: shutdown) || isNameChanged { try files.syncDirectory(directory) }
    try activeSegment.beginAppending()
    recoveryPoint = min(proven, logEndOffset)
    highWatermarkPlace = endPlace
    durablePlace = endPlace
    producers.expire(nowMilliseconds: now)
    // Other partitions may have been opened with as many as there may be of all.
    let excess = min(producerCount.excess, knownProducerCount - 1)
    if excess > 0 { producers.forgetLongestSilent(atLeast: excess) }
  }

  private typealias Snapshot = (offset: Int64, producers: ProducerTable)

  /// Makes what every partition has, and removes what was half made. Answers with the names in the folder.
  private func prepareFolder(logStartOffset: Int64) throws(FileError) -> [String] {
    try files.makeDirectory(directory)
    var names = try files.names(in: directory)
    for name in names where name.hasSuffix(".tmp") { try files.remove("\(directory)/\(name)") }
    let isNew = !names.contains { SegmentName.parse($0) != nil }
    var missing: [(String, [UInt8])] = []
    if isNew {
      // From the first batch on, something says what is durable: nothing yet.
      missing.append((SegmentName.file(logStartOffset, .snapshot), ProducerSnapshot.encode(ProducerTable())))
    }
    missing.append(("leader-epoch-checkpoint", Array("0\n1\n0 0\n".utf8)))
    missing.append((PartitionMetadata.fileName, PartitionMetadata.text(topicID)))
    missing.removeAll { names.contains($0.0) }
    for (name, bytes) in missing { try files.place("\(directory)/\(name)", bytes) }
    if !missing.isEmpty {
      try files.syncDirectory(directory)
      try files.syncDirectory(FilePath.folder(of: directory))
    }
    names += missing.map(\.0)
    return names
  }

  /// The newest snapshot that is whole. Damaged ones are removed.
  private func newestSnapshot(_ names: [String]) throws(FileError) -> Snapshot? {
    let offsets = names.compactMap(SegmentName.parse).filter { $0.kind == .snapshot }.map(\.offset).sorted(by: >)
    for offset in offsets {
      let path = "\(directory)/\(SegmentName.file(offset, .snapshot))"
      guard let bytes = try files.contents(of: path) else { continue }
      if let table = ProducerSnapshot.decode(bytes) { return (offset, table) }
      findings.add(LogFinding(.snapshotDamaged, path, "its checksum is wrong"))
      try files.remove(path)
    }
    return nil
  }

  /// Opens every segment that is still needed; the files of others are removed. Answers whether any were.
  private func openSegments(_ names: [String], _ start: Int64) throws(FileError) -> Bool {
    let parsed = names.compactMap(SegmentName.parse)
    let bases = parsed.filter { $0.kind == .log }.map(\.offset).sorted()
    var removed = 0
    for file in parsed where file.kind != .snapshot && file.kind != .log && !bases.contains(file.offset) {
      try files.remove("\(directory)/\(SegmentName.file(file.offset, file.kind))")
      removed += 1
    }
    for (index, base) in bases.enumerated() {
      let segment = try Segment.open(base, in: folder)
      let next = index + 1 < bases.count ? bases[index + 1] : nil
      // Records were deleted up to behind it; or it was made, never written, and its files could not be removed.
      guard let next, next <= start || segment.byteCount == 0 else {
        segments.append(segment)
        continue
      }
      for path in segment.paths { try files.remove(path) }
      removed += 1
    }
    return removed > 0
  }

  /// Walks what is not proven, and the segment in which that begins. Answers whether files were removed or made, or bytes found
  /// whose names may not be durable.
  private func walk(from proven: Int64, after shutdown: Shutdown) throws(FileError) -> Bool {
    // One that ends where the proof does is looked at too: its indexes may have got their last entries behind it.
    let first = segments.lastIndex { $0.baseOffset < proven } ?? 0
    var (end, last, isChanged, isDamaged) = (segments[first].baseOffset, first, false, false)
    for index in first..<segments.count {
      let segment = segments[index]
      if segment.baseOffset != end {
        // What lies behind a gap was never acknowledged, but where everything is known to be whole.
        guard shutdown == .clean || segment.baseOffset <= proven else { break }
      }
      // Nothing is cut off a segment that is followed by what is proven.
      let isProven = shutdown == .clean || (index + 1 < segments.count && segments[index + 1].baseOffset <= proven)
      let recovered = try segment.recover(provenTo: isProven ? .max : proven, options) { batch in
        if batch.baseOffset >= proven { producers.note(batch) }
      }
      (end, last, isDamaged) = (recovered.end, index, recovered.isDamaged)
      if !recovered.isProven {
        for file in try segment.filesToSync() { try file.sync() }
        isChanged = true
      }
      if recovered.wasCut { break }
    }
    logEndOffset = max(end, logEndOffset)
    if last + 1 < segments.count {
      try remove(from: last + 1)
      isChanged = true
    }
    for segment in segments.dropLast() { segment.forgetIndex() }
    // Batches follow one another within a file: where they would not, another one begins.
    if isDamaged || (end < logEndOffset && activeSegment.byteCount > 0) {
      // The name of a file that is nothing but damage is not free.
      logEndOffset = max(logEndOffset, activeSegment.baseOffset + 1)
      activeSegment.endAppending()
      segments.append(try Segment.make(logEndOffset, in: folder))
      isChanged = true
    }
    return isChanged
  }

  private func remove(from index: Int) throws(FileError) {
    for segment in segments[index...] {
      findings.add(LogFinding(.tailCut, segment.path(.log), "the segment follows a gap"))
      for path in segment.paths { try files.remove(path) }
    }
    segments.removeSubrange(index...)
  }
}
