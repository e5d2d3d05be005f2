internal import KafkaWire

/// A look at every byte of a closed segment and its indexes, outside of whatever guards the partition. What lies on a disk for long
/// may change there: it is better found before somebody asks for it.
package struct SegmentCheck: Sendable {
  /// The file of batches.
  package let path: String
  /// Bytes that are looked at.
  package let byteCount: Int64
  let baseOffset: Int64
  let endOffset: Int64
  let directory: String
  let files: any FileLayer
  let findings: LogFindings

  /// What it came to.
  package enum Outcome: Sendable, Equatable {
    /// Log and indexes are what was written; or the segment is there no more.
    case sound
    /// Records are damaged: the partition's findings say which.
    case damaged
    /// The log is sound, and an index tells something else: to be made anew by ``PartitionLog/mend(_:)``.
    case wrongIndex
  }

  /// Reads all of it, a part at a time. Blocks: not on a loop, and not under a lock.
  package func perform() throws(FileError) -> Outcome {
    do throws(FileError) { return try look() } catch {
      guard error.isMissing else { throw error }
      return .sound
    }
  }

  private func look() throws(FileError) -> Outcome {
    let log = try files.open(path, .existing)
    let places = try files.contents(of: name(.index)) ?? []
    let moments = try files.contents(of: name(.timeIndex)) ?? []
    var audit = SegmentIndex(places: places, moments: moments, logByteCount: byteCount).map(IndexAudit.init)
    let built = try SegmentIndex.built(from: log, baseOffset: baseOffset, byteCount: byteCount) {
      audit?.note($0, baseOffset)
    }
    for position in built.damage {
      findings.add(LogFinding(.recordsDamaged, path, at: position, "a batch is not what was written"))
    }
    if built.damage.isEmpty, built.end != endOffset {
      findings.add(
        LogFinding(.recordsDamaged, path, at: byteCount, "it ends before offset \(built.end), not \(endOffset)"))
      return .damaged
    }
    if !built.damage.isEmpty { return .damaged }
    return audit?.isTrue == true ? .sound : .wrongIndex
  }

  private func name(_ kind: SegmentName.Kind) -> String { "\(directory)/\(SegmentName.file(baseOffset, kind))" }
}

/// Compares an index with the batches, as these come along.
private struct IndexAudit {
  private let index: SegmentIndex
  private var nextPlace = 0
  private var nextMoment = 0
  private var latest: Int64 = -1
  private var isConsistent = true

  init(_ index: SegmentIndex) { self.index = index }

  mutating func note(_ found: BatchScan.Found, _ baseOffset: Int64) {
    let last = found.batch.lastOffset - baseOffset
    latest = max(latest, found.batch.maxTimestamp)
    if nextPlace < index.places.count, Int64(index.places[nextPlace].position) <= found.position {
      let place = index.places[nextPlace]
      if Int64(place.position) != found.position || Int64(place.relativeOffset) != last { isConsistent = false }
      nextPlace += 1
    }
    if nextMoment < index.moments.count, Int64(index.moments[nextMoment].relativeOffset) <= last {
      let moment = index.moments[nextMoment]
      if Int64(moment.relativeOffset) != last || moment.timestamp != latest
        || moment.timestamp != found.batch.maxTimestamp
      {
        isConsistent = false
      }
      nextMoment += 1
    }
  }

  /// Whether every entry was met, and told what the log does.
  var isTrue: Bool { isConsistent && nextPlace == index.places.count && nextMoment == index.moments.count }
}

extension PartitionLog {
  /// A check for each closed segment, the oldest first. To be carried out one by one, in the background.
  package func segmentChecks() -> [SegmentCheck] {
    zip(segments, segments.dropFirst()).map { segment, next in
      SegmentCheck(
        path: segment.path(.log), byteCount: segment.byteCount, baseOffset: segment.baseOffset,
        endOffset: next.baseOffset, directory: directory, files: files, findings: findings)
    }
  }

  /// Makes the indexes of the segment anew where they are wrong. Blocks.
  package func mend(_ check: SegmentCheck) throws(PartitionLogError) {
    guard let segment = segments.dropLast().first(where: { $0.baseOffset == check.baseOffset }) else { return }
    do throws(FileError) {
      try segment.rebuildIndex("a check found an entry that does not tell what the log does")
      segment.forgetIndex()
    } catch { throw PartitionLogError(error) }
  }
}
