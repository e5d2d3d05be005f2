internal import KafkaWire

extension Segment {
  /// The index, read where it is not in memory, made anew where it cannot be right. Nil where only memory may be read and that is
  /// not enough.
  func loadIndex(_ reach: ReadReach) throws(FileError) -> SegmentIndex? {
    if let index { return index }
    guard let files = try readIndexFiles(reach) else { return nil }
    guard let loaded = SegmentIndex(places: files.places, moments: files.moments, logByteCount: byteCount) else {
      return reach == .disk ? try rebuildIndex("its entries do not ascend, or point behind the end") : nil
    }
    index = loaded
    persistedPlaces = loaded.places.count
    persistedMoments = loaded.moments.count
    return loaded
  }

  /// What is in the files; nil where only memory may be read and they are not there. A missing file is as an empty one.
  func readIndexFiles(_ reach: ReadReach) throws(FileError) -> (places: [UInt8], moments: [UInt8])? {
    var parts: [[UInt8]] = []
    for kind in [SegmentName.Kind.index, .timeIndex] {
      var bytes: [UInt8] = []
      do throws(FileError) {
        let file = try cache.file(path(kind))
        guard try file.read(Int(try file.byteCount()), at: 0, reach: reach, into: &bytes) else { return nil }
      } catch {
        guard error.isMissing else { throw error }
      }
      parts.append(bytes)
    }
    return (parts[0], parts[1])
  }

  /// Makes the index anew from the log, as far as that is whole, and puts it in place of the files.
  @discardableResult
  func rebuildIndex(_ reason: String) throws(FileError) -> SegmentIndex {
    findings.add(LogFinding(.indexRebuilt, path(.index), reason))
    let built = try SegmentIndex.built(from: try log(), baseOffset: baseOffset, byteCount: byteCount)
    try replaceIndexFiles(built.index)
    index = built.index
    (maxTimestamp, offsetOfMaxTimestamp) = (built.maxTimestamp, built.offsetOfMaxTimestamp)
    bytesSinceEntry = built.bytesSinceEntry
    return built.index
  }

  private func replaceIndexFiles(_ index: SegmentIndex) throws(FileError) {
    cache.forget([path(.index), path(.timeIndex)])
    try files.replace(path(.index), with: index.placeBytes())
    try files.replace(path(.timeIndex), with: index.momentBytes())
    persistedPlaces = index.places.count
    persistedMoments = index.moments.count
  }

  /// Whether more batches may follow.
  enum Ending { case open, closed }

  /// Writes the entries that the files do not have. A closed segment's last entry is that of its latest record.
  func writeIndex(_ ending: Ending) throws(FileError) {
    guard var index else { return }
    if ending == .closed, maxTimestamp >= 0, offsetOfMaxTimestamp >= baseOffset {
      index.add(
        SegmentIndex.Moment(timestamp: maxTimestamp, relativeOffset: Int32(offsetOfMaxTimestamp - baseOffset)))
      self.index = index
    }
    if persistedPlaces < index.places.count {
      let file = try files.open(path(.index), .orCreate)
      try file.write(
        [index.placeBytes(from: persistedPlaces)[...]], at: Int64(persistedPlaces * SegmentIndex.placeByteCount))
      persistedPlaces = index.places.count
    }
    if persistedMoments < index.moments.count {
      let file = try files.open(path(.timeIndex), .orCreate)
      try file.write(
        [index.momentBytes(from: persistedMoments)[...]], at: Int64(persistedMoments * SegmentIndex.momentByteCount))
      persistedMoments = index.moments.count
    }
  }

  /// Writes the index over whatever the files have.
  func rewriteIndex() throws(FileError) {
    let index = index ?? SegmentIndex()
    cache.forget([path(.index), path(.timeIndex)])
    let files = (try files.open(path(.index), .empty), try files.open(path(.timeIndex), .empty))
    try files.0.write([index.placeBytes()[...]], at: 0)
    try files.1.write([index.momentBytes()[...]], at: 0)
    persistedPlaces = index.places.count
    persistedMoments = index.moments.count
  }

  /// The files of which a sync makes the segment durable.
  func filesToSync() throws(FileError) -> [any LogFile] {
    var all: [any LogFile] = [try log()]
    for kind in [SegmentName.Kind.index, .timeIndex] { all.append(try files.open(path(kind), .orCreate)) }
    return all
  }

  /// Lets the index go that was read for a look.
  func forgetIndex() {
    if openLog == nil { index = nil }
  }

  // MARK: times

  /// The latest time of a record, −1 where there is none; nil where only memory may be read and it is not there.
  func latestTimestamp(_ reach: ReadReach) throws(FileError) -> Int64? {
    if maxTimestamp >= 0 || byteCount == 0 { return maxTimestamp }
    guard let latest = try latestTimestamp(to: byteCount, reach) else { return nil }
    maxTimestamp = latest
    return latest
  }

  /// The latest time of a record before the position.
  func latestTimestamp(to end: Int64, _ reach: ReadReach) throws(FileError) -> Int64? {
    guard let index = try loadIndex(reach) else { return nil }
    // An entry of an earlier record only: what stands behind the position does not count.
    let place = index.places.last { Int64($0.position) < end }
    let moment = place.flatMap { place in index.moments.last { $0.relativeOffset <= place.relativeOffset } }
    if let moment {
      guard let isTrue = try isTrue(moment, index, reach) else { return nil }
      if !isTrue {
        guard reach == .disk else { return nil }
        try rebuildIndex("its latest time is of no batch")
        return maxTimestamp
      }
    }
    guard var scan = try scan(from: place, to: end, reach, { _ in nil }) else { return nil }
    return try latestTimestamp(&scan, atLeast: moment?.timestamp ?? -1) { $0.maxTimestamp }
  }

  /// The latest time of the records from an offset on and before the position; the closure tells that of a batch.
  func latestTimestamp(
    from offset: Int64, to end: Int64, _ reach: ReadReach, in time: (RecordBatch) -> Int64
  ) throws(FileError) -> Int64? {
    guard let index = try loadIndex(reach) else { return nil }
    let choose: (SegmentIndex) -> SegmentIndex.Place? = { $0.place(of: offset - self.baseOffset) }
    guard var scan = try scan(from: choose(index), to: end, reach, choose) else { return nil }
    return try latestTimestamp(&scan, atLeast: -1) { $0.lastOffset < offset ? -1 : time($0) }
  }

  private func latestTimestamp(
    _ scan: inout BatchScan, atLeast least: Int64, in time: (RecordBatch) -> Int64
  ) throws(FileError) -> Int64? {
    var latest = least
    while true {
      if let found = try scan.next() {
        latest = max(latest, time(found.batch))
      } else if scan.isDamaged {
        noteDamage(at: scan.position)
        guard try scan.resume() else { return scan.isBlocked ? nil : latest }
      } else {
        return scan.isBlocked ? nil : latest
      }
    }
  }

  /// Whether the entry says what the log does; nil where memory does not tell.
  func isTrue(
    _ moment: SegmentIndex.Moment, _ index: SegmentIndex, _ reach: ReadReach
  ) throws(FileError) -> Bool? {
    let place = index.place(of: Int64(moment.relativeOffset))
    let offset = baseOffset + Int64(moment.relativeOffset)
    var scan = BatchScan(
      try log(), from: Int64(place?.position ?? 0), to: byteCount, expectation(at: place), .checksum, reach: reach)
    while let found = try scan.next() {
      guard found.batch.lastOffset >= offset else { continue }
      return found.batch.lastOffset == offset && found.batch.maxTimestamp == moment.timestamp
    }
    return scan.isBlocked ? nil : false
  }

  /// What a batch must be like that an entry points at; that of the start where there is no entry.
  func expectation(at place: SegmentIndex.Place?) -> BatchScan.Expectation {
    place.map { .last(baseOffset + Int64($0.relativeOffset)) } ?? .base(baseOffset)
  }

  func learnFirstTimestamp() throws(FileError) {
    var scan = BatchScan(try log(), from: 0, to: byteCount, .base(baseOffset), .shape)
    firstTimestamp = try scan.next()?.batch.maxTimestamp
  }
}

extension SegmentIndex {
  /// What a walk over a segment's batches comes to.
  struct Built {
    var index = SegmentIndex()
    var maxTimestamp: Int64 = -1
    var offsetOfMaxTimestamp: Int64 = -1
    var bytesSinceEntry = 0
    /// Where bytes are no whole batch, and what the walk could not find its way behind.
    var damage: [Int64] = []
    var end: Int64
  }

  /// The index of the log's batches, of those that are whole.
  static func built(
    from log: any LogFile, baseOffset: Int64, byteCount: Int64, each: (BatchScan.Found) -> Void = { _ in }
  ) throws(FileError) -> Built {
    var built = Built(end: baseOffset)
    var scan = BatchScan(log, from: 0, to: byteCount, .base(baseOffset), .checksum, chunkByteCount: LogLimits.scanBytes)
    while true {
      guard let found = try scan.next() else {
        guard scan.isDamaged else { break }
        built.damage.append(scan.position)
        guard try scan.resume() else { break }
        continue
      }
      built.add(found, baseOffset)
      each(found)
    }
    // The last entry of a closed segment is that of its latest record; in an open one it does no harm.
    if built.offsetOfMaxTimestamp >= baseOffset {
      built.index.add(
        Moment(timestamp: built.maxTimestamp, relativeOffset: Int32(built.offsetOfMaxTimestamp - baseOffset)))
    }
    return built
  }
}

extension SegmentIndex.Built {
  fileprivate mutating func add(_ found: BatchScan.Found, _ baseOffset: Int64) {
    let batch = found.batch
    end = batch.lastOffset + 1
    guard batch.lastOffset - baseOffset <= Int64(Int32.max) else { return }
    if batch.maxTimestamp > maxTimestamp {
      (maxTimestamp, offsetOfMaxTimestamp) = (batch.maxTimestamp, batch.lastOffset)
    }
    if bytesSinceEntry > LogLimits.rebuiltIndexIntervalBytes {
      index.add(
        SegmentIndex.Place(relativeOffset: Int32(batch.lastOffset - baseOffset), position: Int32(found.position)))
      if offsetOfMaxTimestamp >= baseOffset {
        index.add(
          SegmentIndex.Moment(timestamp: maxTimestamp, relativeOffset: Int32(offsetOfMaxTimestamp - baseOffset)))
      }
      bytesSinceEntry = 0
    }
    bytesSinceEntry += batch.byteCount
  }
}
