internal import KafkaWire

/// Where the segments of a partition are, and what they share.
struct SegmentFolder {
  let directory: String
  let files: any FileLayer
  let cache: FileCache
  let findings: LogFindings
}

/// A stretch of the log: a file of batches, and two indexes of it. Confined to its partition.
final class Segment {
  /// The offset that the file is named after: its first record has it.
  let baseOffset: Int64
  let directory: String
  let files: any FileLayer
  let cache: FileCache
  /// Held open while batches are added.
  var openLog: (any LogFile)?
  /// In memory while batches are added, or during a look into it.
  var index: SegmentIndex?
  var persistedPlaces = 0
  var persistedMoments = 0

  /// Bytes of whole batches.
  var byteCount: Int64
  /// What lies before is not taken on trust: it was written by an earlier process, or will lie on the disk for long.
  var inheritedByteCount: Int64
  /// The latest time of a record; −1 where there is none, or it is not known yet.
  var maxTimestamp: Int64 = -1
  var offsetOfMaxTimestamp: Int64 = -1
  /// The time of the first batch; nil where there is none.
  var firstTimestamp: Int64?
  var bytesSinceEntry = 0
  let findings: LogFindings

  private init(
    _ baseOffset: Int64, _ folder: SegmentFolder, byteCount: Int64
  ) {
    self.baseOffset = baseOffset
    directory = folder.directory
    files = folder.files
    cache = folder.cache
    findings = folder.findings
    self.byteCount = byteCount
    inheritedByteCount = byteCount
  }

  func path(_ kind: SegmentName.Kind) -> String { "\(directory)/\(SegmentName.file(baseOffset, kind))" }
  var paths: [String] { SegmentName.Kind.allCases.filter { $0 != .snapshot }.map(path) }

  // MARK: making and opening

  /// A new one, without batches. The folder is not synced. Leaves no file where it throws.
  static func make(_ baseOffset: Int64, in folder: SegmentFolder) throws(FileError) -> Segment {
    let segment = Segment(baseOffset, folder, byteCount: 0)
    do throws(FileError) {
      segment.openLog = try folder.files.open(segment.path(.log), .empty)
      _ = try folder.files.open(segment.path(.index), .empty)
      _ = try folder.files.open(segment.path(.timeIndex), .empty)
    } catch {
      // Batches may still go where they went before, and a start would find this one among their offsets.
      for path in segment.paths { try? folder.files.remove(path) }
      throw error
    }
    segment.index = SegmentIndex()
    return segment
  }

  /// One that is there, with as many bytes as its file has.
  static func open(_ baseOffset: Int64, in folder: SegmentFolder) throws(FileError) -> Segment {
    let log = try folder.files.open("\(folder.directory)/\(SegmentName.file(baseOffset, .log))", .existing)
    return Segment(baseOffset, folder, byteCount: try log.byteCount())
  }

  /// The file of batches.
  func log() throws(FileError) -> any LogFile {
    if let openLog { return openLog }
    return try cache.file(path(.log))
  }

  /// Holds the file open: batches will be added.
  func beginAppending() throws(FileError) {
    openLog = try files.open(path(.log), .existing)
    inheritedByteCount = byteCount
    if index == nil { _ = try loadIndex(.disk) }
  }

  /// No batch will be added: file and indexes are let go. What was written is not synced.
  func endAppending() {
    openLog = nil
    index = nil
    inheritedByteCount = byteCount
  }

  // MARK: appending

  /// Whether a batch would be too much for it.
  func isFull(for batch: StoredBatch, _ options: LogOptions) -> Bool {
    guard byteCount > 0 else { return false }
    if byteCount + Int64(batch.byteCount) > options.segmentBytes { return true }
    if batch.lastOffset - baseOffset > Int64(Int32.max) { return true }
    if (index?.byteCount ?? 0) + SegmentIndex.placeByteCount > options.indexBytes { return true }
    guard let firstTimestamp else { return false }
    // By the records' own times: a clock that is set back closes nothing, nor do old records that are sent today.
    let age = batch.maxTimestamp.subtractingReportingOverflow(firstTimestamp)
    return !age.overflow && age.partialValue > options.segmentMilliseconds
  }

  /// Writes a batch behind the others. Where it throws, the segment is as it was.
  func append(_ batch: StoredBatch, _ options: LogOptions) throws(FileError) {
    guard let openLog else { preconditionFailure("the segment is closed") }
    do throws(FileError) { try openLog.write(batch.parts, at: byteCount) } catch {
      // A part of it may be there. What follows is written over it, and a start cuts it off: it is no whole batch.
      try? openLog.truncate(to: byteCount)
      throw error
    }
    note(
      byteCount: batch.byteCount, lastOffset: batch.lastOffset, maxTimestamp: batch.maxTimestamp,
      intervalBytes: options.indexIntervalBytes)
  }

  /// Takes note of a batch that stands behind those known, and enters it into the indexes where it is its turn.
  func note(byteCount added: Int, lastOffset: Int64, maxTimestamp batchTime: Int64, intervalBytes: Int) {
    if firstTimestamp == nil { firstTimestamp = batchTime }
    if batchTime > maxTimestamp {
      maxTimestamp = batchTime
      offsetOfMaxTimestamp = lastOffset
    }
    if bytesSinceEntry > intervalBytes {
      let relative = Int32(lastOffset - baseOffset)
      index?.add(SegmentIndex.Place(relativeOffset: relative, position: Int32(byteCount)))
      if offsetOfMaxTimestamp >= baseOffset {
        index?.add(
          SegmentIndex.Moment(timestamp: maxTimestamp, relativeOffset: Int32(offsetOfMaxTimestamp - baseOffset)))
      }
      bytesSinceEntry = 0
    }
    bytesSinceEntry += added
    byteCount += Int64(added)
  }
}
