internal import KafkaWire

/// A stretch of the log: a file of batches, and two indexes of it. Confined to its partition.
final class Segment {
  /// The offset that the file is named after: no record in it has a lower one.
  let baseOffset: Int64
  private let directory: String
  private let files: any FileLayer
  private let cache: FileCache
  /// Held open while batches are added.
  private var openLog: (any LogFile)?
  /// In memory while batches are added, or after a look into it.
  private var index: SegmentIndex?
  private var persistedPlaces = 0
  private var persistedMoments = 0

  /// Bytes of whole batches.
  private(set) var byteCount: Int64
  /// The latest time of a record; −1 where there is none.
  private(set) var maxTimestamp: Int64 = -1
  private var offsetOfMaxTimestamp: Int64 = -1
  /// The time of the first batch; nil where there is none.
  private(set) var firstTimestamp: Int64?
  private var bytesSinceEntry = 0

  private init(
    _ baseOffset: Int64, _ directory: String, _ files: any FileLayer, _ cache: FileCache, byteCount: Int64
  ) {
    self.baseOffset = baseOffset
    self.directory = directory
    self.files = files
    self.cache = cache
    self.byteCount = byteCount
  }

  func path(_ kind: SegmentName.Kind) -> String { "\(directory)/\(SegmentName.file(baseOffset, kind))" }
  var paths: [String] { SegmentName.Kind.allCases.filter { $0 != .snapshot }.map(path) }

  // MARK: making and opening

  /// A new one, without batches. The folder is not synced.
  static func make(
    _ baseOffset: Int64, in directory: String, _ files: any FileLayer, _ cache: FileCache
  ) throws(FileError) -> Segment {
    let segment = Segment(baseOffset, directory, files, cache, byteCount: 0)
    segment.openLog = try files.open(segment.path(.log), .empty)
    _ = try files.open(segment.path(.index), .empty)
    _ = try files.open(segment.path(.timeIndex), .empty)
    segment.index = SegmentIndex()
    return segment
  }

  /// One that is there, with as many bytes as its file has.
  static func open(
    _ baseOffset: Int64, in directory: String, _ files: any FileLayer, _ cache: FileCache
  ) throws(FileError) -> Segment {
    let log = try files.open("\(directory)/\(SegmentName.file(baseOffset, .log))", .existing)
    return Segment(baseOffset, directory, files, cache, byteCount: try log.byteCount())
  }

  /// The file of batches.
  func log() throws(FileError) -> any LogFile {
    if let openLog { return openLog }
    return try cache.file(path(.log))
  }

  /// Holds the file open: batches will be added.
  func beginAppending() throws(FileError) {
    openLog = try files.open(path(.log), .existing)
    if index == nil { _ = try loadIndex() }
  }

  /// No batch will be added: the indexes' last entries are written, the file and they are let go. What was written is not synced.
  func endAppending() throws(FileError) {
    try writeIndex(.closed)
    openLog = nil
    index = nil
  }

  // MARK: appending

  /// Whether a batch of so many bytes, whose last record has that offset, would be too much for it.
  func isFull(for byteCount: Int, lastOffset: Int64, _ options: LogOptions, nowMilliseconds now: Int64) -> Bool {
    guard self.byteCount > 0 else { return false }
    if self.byteCount + Int64(byteCount) > options.segmentBytes { return true }
    if lastOffset - baseOffset > Int64(Int32.max) { return true }
    if (index?.byteCount ?? 0) + SegmentIndex.placeByteCount > options.indexBytes { return true }
    return isOld(options, nowMilliseconds: now)
  }

  func isOld(_ options: LogOptions, nowMilliseconds now: Int64) -> Bool {
    guard let firstTimestamp, byteCount > 0 else { return false }
    let age = now.subtractingReportingOverflow(firstTimestamp)
    return !age.overflow && age.partialValue > options.segmentMilliseconds
  }

  /// Writes a batch behind the others. Where it throws, the segment is as it was.
  func append(_ batch: StoredBatch, _ options: LogOptions) throws(FileError) {
    guard let openLog else { preconditionFailure("the segment is closed") }
    do throws(FileError) { try openLog.write(batch.parts, at: byteCount) } catch {
      // A part of it may be there: a start that trusts the length would take it for a batch.
      try? openLog.truncate(to: byteCount)
      throw error
    }
    note(
      byteCount: batch.byteCount, lastOffset: batch.lastOffset, maxTimestamp: batch.maxTimestamp,
      intervalBytes: options.indexIntervalBytes)
  }

  /// Takes note of a batch that stands behind those known, and enters it into the indexes where it is its turn.
  private func note(byteCount added: Int, lastOffset: Int64, maxTimestamp batchTime: Int64, intervalBytes: Int) {
    if firstTimestamp == nil { firstTimestamp = batchTime }
    if batchTime > maxTimestamp {
      maxTimestamp = batchTime
      offsetOfMaxTimestamp = lastOffset
    }
    if bytesSinceEntry > intervalBytes {
      let relative = Int32(lastOffset - baseOffset)
      index?.add(SegmentIndex.Place(relativeOffset: relative, position: Int32(byteCount)))
      index?.add(
        SegmentIndex.Moment(timestamp: maxTimestamp, relativeOffset: Int32(offsetOfMaxTimestamp - baseOffset)))
      bytesSinceEntry = 0
    }
    bytesSinceEntry += added
    byteCount += Int64(added)
  }

  // MARK: indexes

  /// The index, read where it is not in memory. Nil where only memory may be read and the files are not there.
  private func loadIndex(_ reach: ReadReach = .disk) throws(FileError) -> SegmentIndex? {
    if let index { return index }
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
    // One that cannot be right is as none: the log is walked from its start, and it is written anew at the next start.
    let loaded = SegmentIndex(places: parts[0], moments: parts[1], logByteCount: byteCount) ?? SegmentIndex()
    index = loaded
    persistedPlaces = loaded.places.count
    persistedMoments = loaded.moments.count
    return loaded
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

  /// The files of which a sync makes the segment durable.
  func filesToSync() throws(FileError) -> [any LogFile] {
    var all: [any LogFile] = [try log()]
    for kind in [SegmentName.Kind.index, .timeIndex] { all.append(try files.open(path(kind), .orCreate)) }
    return all
  }

  // MARK: reading

  /// Where an offset stands, and what the walk has found there.
  enum Search {
    case found(BatchScan.Found)
    /// Every record of the segment has a lower offset.
    case behindEnd
    /// What has to be read is not in memory.
    case blocked
    /// The bytes there are no batch.
    case damaged(position: Int64)
  }

  /// The batch that holds the offset, or the next one where offsets are missing.
  func find(_ offset: Int64, to end: Int64, _ reach: ReadReach) throws(FileError) -> Search {
    guard let index = try loadIndex(reach) else { return .blocked }
    let start = index.position(of: offset - baseOffset)
    let search = try walk(from: start, to: end, reach) { $0.lastOffset >= offset }
    guard start > 0 else { return search }
    // An index that is damaged in a way that looks sound is found out here: the log itself has the last word.
    switch search {
    case .found(let found) where found.position == start && found.batch.baseOffset > offset: break
    case .damaged(let position) where position == start: break
    case .behindEnd where start >= min(end, byteCount): break
    case .found, .behindEnd, .blocked, .damaged: return search
    }
    return try walk(from: 0, to: end, reach) { $0.lastOffset >= offset }
  }

  /// The first batch with a record that is as late as the time, or later.
  func find(timestamp: Int64, to end: Int64, _ reach: ReadReach) throws(FileError) -> Search {
    guard let index = try loadIndex(reach) else { return .blocked }
    let start = index.position(of: index.relativeOffset(before: timestamp))
    return try walk(from: start, to: end, reach) { $0.maxTimestamp >= timestamp }
  }

  private func walk(
    from start: Int64, to end: Int64, _ reach: ReadReach, until isSought: (RecordBatch) -> Bool
  ) throws(FileError) -> Search {
    var scan = BatchScan(try log(), from: start, to: min(end, byteCount), .shape, reach: reach)
    while let found = try scan.next() {
      if isSought(found.batch) { return .found(found) }
    }
    if scan.isBlocked { return .blocked }
    return scan.isDamaged ? .damaged(position: scan.position) : .behindEnd
  }

  // MARK: recovery

  /// Walks the batches from an offset on, whose place the index knows or the start is, and cuts the file behind the last that is
  /// whole and in order. What is entered before that offset stands; the rest of the indexes is made anew.
  ///
  /// - Returns: the offset behind the last batch, and whether anything was cut off.
  func recover(
    from offset: Int64, _ options: LogOptions, each: (RecordBatch) -> Void
  ) throws(FileError) -> (end: Int64, wasCut: Bool) {
    let log = try files.open(path(.log), .existing)
    var kept = try loadIndex() ?? SegmentIndex()
    var start = offset <= baseOffset ? 0 : kept.position(of: offset - baseOffset)
    if start > 0, try !isBatch(at: start, notBehind: offset) {
      // The index lies: the log is walked from its start.
      start = 0
      kept = SegmentIndex()
    }
    kept.cut(toRelativeOffset: max(0, offset - baseOffset), position: max(1, start))
    begin(kept, at: start)
    var scan = BatchScan(log, from: try position(of: offset, from: start, in: log), to: byteCount, .checksum)
    let fileByteCount = byteCount
    byteCount = scan.position
    var end = scan.position == 0 ? baseOffset : max(baseOffset, offset)
    var next: Int64 = -1
    while let found = try scan.next() {
      guard found.batch.baseOffset >= max(next, baseOffset), found.batch.lastOffset >= found.batch.baseOffset,
        found.batch.lastOffset - baseOffset <= Int64(Int32.max)
      else { break }
      next = found.batch.lastOffset + 1
      note(
        byteCount: found.batch.byteCount, lastOffset: found.batch.lastOffset, maxTimestamp: found.batch.maxTimestamp,
        intervalBytes: options.indexIntervalBytes)
      end = next
      each(found.batch)
    }
    let wasCut = byteCount < fileByteCount
    if wasCut { try log.truncate(to: byteCount) }
    try rewriteIndex()
    try learnFirstTimestamp()
    return (end, wasCut)
  }

  /// Where the first batch stands that is not wholly before the offset. Those before were made durable and are not judged here.
  private func position(of offset: Int64, from start: Int64, in log: any LogFile) throws(FileError) -> Int64 {
    var scan = BatchScan(log, from: start, to: byteCount, .shape)
    while true {
      let position = scan.position
      guard let found = try scan.next(), found.batch.lastOffset < offset else { return position }
    }
  }

  private func isBatch(at position: Int64, notBehind offset: Int64) throws(FileError) -> Bool {
    var scan = BatchScan(try log(), from: position, to: byteCount, .checksum)
    guard let found = try scan.next() else { return false }
    return (baseOffset...max(baseOffset, offset)).contains(found.batch.baseOffset)
  }

  private func begin(_ kept: SegmentIndex, at start: Int64) {
    index = kept
    bytesSinceEntry = 0
    firstTimestamp = nil
    maxTimestamp = kept.moments.last?.timestamp ?? -1
    offsetOfMaxTimestamp = kept.moments.last.map { baseOffset + Int64($0.relativeOffset) } ?? -1
  }

  private func rewriteIndex() throws(FileError) {
    let index = index ?? SegmentIndex()
    let files = (try files.open(path(.index), .empty), try files.open(path(.timeIndex), .empty))
    try files.0.write([index.placeBytes()[...]], at: 0)
    try files.1.write([index.momentBytes()[...]], at: 0)
    persistedPlaces = index.places.count
    persistedMoments = index.moments.count
  }

  /// Learns times and the end of a segment whose files are trusted, from its last index entry on.
  func learn(_ options: LogOptions) throws(FileError) -> Int64 {
    let index = try loadIndex() ?? SegmentIndex()
    if let last = index.moments.last {
      maxTimestamp = last.timestamp
      offsetOfMaxTimestamp = baseOffset + Int64(last.relativeOffset)
    }
    var end = baseOffset
    var scan = BatchScan(try log(), from: Int64(index.places.last?.position ?? 0), to: byteCount, .shape)
    while let found = try scan.next() {
      end = found.batch.lastOffset + 1
      bytesSinceEntry += found.batch.byteCount
      if found.batch.maxTimestamp > maxTimestamp {
        maxTimestamp = found.batch.maxTimestamp
        offsetOfMaxTimestamp = found.batch.lastOffset
      }
    }
    try learnFirstTimestamp()
    return end
  }

  private func learnFirstTimestamp() throws(FileError) {
    var scan = BatchScan(try log(), from: 0, to: byteCount, .shape)
    firstTimestamp = try scan.next()?.batch.maxTimestamp
  }

  /// The latest time of a record, −1 where there is none; nil where only memory may be read and it is not there.
  func latestTimestamp(_ reach: ReadReach) throws(FileError) -> Int64? {
    if maxTimestamp >= 0 || byteCount == 0 { return maxTimestamp }
    guard let index = try loadIndex(reach) else { return nil }
    var latest = index.moments.last?.timestamp ?? -1
    let start = Int64(index.places.last?.position ?? 0)
    var scan = BatchScan(try log(), from: start, to: byteCount, .shape, reach: reach)
    while let found = try scan.next() { latest = max(latest, found.batch.maxTimestamp) }
    if scan.isBlocked { return nil }
    maxTimestamp = latest
    return latest
  }

  /// Lets the index go that was read for a look.
  func forgetIndex() {
    if openLog == nil { index = nil }
  }
}
