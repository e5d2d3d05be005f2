internal import KafkaWire

extension PartitionLog {
  /// Forgets everything before the offset. What is not needed any more is removed from the log here, from the disk by whoever
  /// removes the paths: outside of what guards the partition, after a checkpoint of the log start offset.
  ///
  /// - Parameter offset: the new log start offset; −1 is the high watermark.
  /// - Throws: ``PartitionLogError`` with `offsetOutOfRange` where it is behind the high watermark.
  package func deleteRecords(before offset: Int64, nowMilliseconds now: Int64) throws(PartitionLogError) -> [String] {
    let target = offset == -1 ? highWatermark : offset
    guard target >= 0, target <= highWatermark else {
      throw PartitionLogError(.offsetOutOfRange, "offset \(target) is behind the high watermark \(highWatermark)")
    }
    guard target > logStartOffset else { return [] }
    logStartOffset = target
    return dropSegments { index in segments[index + 1].baseOffset <= target }
  }

  /// Forgets segments that are too old or too many. An active segment that is too old is closed first.
  ///
  /// - Returns: the paths to be removed, as ``deleteRecords(before:nowMilliseconds:)``.
  package func enforceRetention(nowMilliseconds now: Int64) throws(PartitionLogError) -> [String] {
    guard options.cleanup.contains(.delete) else { return [] }
    do throws(FileError) {
      if isExpired(activeSegment, now), activeSegment.byteCount > 0, highWatermark == logEndOffset {
        try roll(nowMilliseconds: now)
      }
      for segment in segments.dropLast() {
        _ = try segment.latestTimestamp(.disk)
        segment.forgetIndex()
      }
      producers.expire(nowMilliseconds: now)
    } catch { throw PartitionLogError(error) }
    var excess = options.retentionBytes.map { byteCount - $0 } ?? -1
    return dropSegments { index in
      let segment = segments[index]
      guard segments[index + 1].baseOffset <= highWatermark else { return false }
      if isExpired(segment, now) { return true }
      guard excess >= segment.byteCount else { return false }
      excess -= segment.byteCount
      return true
    }
  }

  /// Lets every file of the log go, once its folder has another name: a log that is made under the old name has other files.
  package func forgetFiles() { cache.forget(segments.flatMap(\.paths)) }

  private func isExpired(_ segment: Segment, _ now: Int64) -> Bool {
    guard let limit = options.retentionMilliseconds, segment.maxTimestamp >= 0 else { return false }
    return now - segment.maxTimestamp > limit
  }

  /// Drops segments from the oldest on, never the last.
  private func dropSegments(while isDropped: (Int) -> Bool) -> [String] {
    var count = 0
    while count < segments.count - 1, isDropped(count) { count += 1 }
    guard count > 0 else { return [] }
    let paths = segments[..<count].flatMap(\.paths)
    cache.forget(paths)
    segments.removeFirst(count)
    unsynced.removeAll { segment in !segments.contains { $0 === segment } }
    outstanding.removeAll { segment in !segments.contains { $0 === segment } }
    logStartOffset = max(logStartOffset, segments[0].baseOffset)
    return paths
  }
}
