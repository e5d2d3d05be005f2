internal import KafkaWire

extension PartitionLog {
  /// Where to read from an offset: at least the batch that holds it, at most about so many bytes of one segment, nothing
  /// behind the high watermark. Nil where the disk has to be looked at and may not be.
  ///
  /// - Throws: ``PartitionLogError`` with `offsetOutOfRange`, `corruptMessage` or `kafkaStorageError`.
  package func slice(
    from offset: Int64, maximumBytes: Int, reach: ReadReach
  ) throws(PartitionLogError) -> LogSlice? {
    guard offset >= logStartOffset, offset <= logEndOffset else {
      throw PartitionLogError(
        .offsetOutOfRange, "offset \(offset) is not between \(logStartOffset) and \(logEndOffset)")
    }
    guard offset < highWatermark else { return .empty }
    if let batch = recent.batch(of: offset),
      let segment = segments.last(where: { $0.baseOffset == batch.place.segment })
    {
      return try slice(of: segment, at: batch.place.position, batch.byteCount, base: batch.first, maximumBytes)
    }
    guard let first = segments.lastIndex(where: { $0.baseOffset <= offset }) else { return .empty }
    let segment = segments[first]
    switch try look(
      segment,
      { segment throws(FileError) in
        try segment.find(offset, to: readableByteCount(of: segment), reach)
      })
    {
    case .found(let found):
      return try slice(
        of: segment, at: found.position, found.batch.byteCount, base: found.batch.baseOffset, maximumBytes)
    case .blocked: return nil
    case .damaged(let position): throw Self.damage(segment, position)
    case .behindEnd:
      // Offsets follow one another: the segment has lost its end.
      segment.noteDamage(at: segment.byteCount)
      throw Self.damage(segment, segment.byteCount)
    }
  }

  private func look(
    _ segment: Segment, _ search: (Segment) throws(FileError) -> Segment.Search
  ) throws(PartitionLogError) -> Segment.Search {
    defer { segment.forgetIndex() }
    do throws(FileError) { return try search(segment) } catch { throw PartitionLogError(error) }
  }

  private static func damage(_ segment: Segment, _ position: Int64) -> PartitionLogError {
    PartitionLogError(.corruptMessage, "\(segment.path(.log)) is damaged at the byte \(position)")
  }

  private func slice(
    of segment: Segment, at position: Int64, _ firstByteCount: Int, base: Int64, _ maximumBytes: Int
  ) throws(PartitionLogError) -> LogSlice {
    let readable = readableByteCount(of: segment) - position
    do throws(FileError) {
      return LogSlice(
        file: try segment.log(), position: position,
        byteCount: Int(min(readable, Int64(max(maximumBytes, firstByteCount)))), baseOffset: base,
        position >= segment.inheritedByteCount ? .shape : .checksum, findings)
    } catch { throw PartitionLogError(error) }
  }

  /// Bytes of a segment before the high watermark.
  private func readableByteCount(of segment: Segment) -> Int64 {
    let mark = highWatermarkPlace
    if segment.baseOffset < mark.segment { return segment.byteCount }
    return segment.baseOffset == mark.segment ? mark.position : 0
  }

  /// An offset and its record's time, in milliseconds since 1970.
  package struct Moment: Sendable, Equatable {
    package let offset: Int64
    package let timestamp: Int64

    package init(offset: Int64, timestamp: Int64) {
      self.offset = offset
      self.timestamp = timestamp
    }
  }

  /// What a look for a time came to.
  package enum TimeSearch: Sendable, Equatable {
    case found(Moment)
    /// No record that may be read is as late.
    case none
    /// The disk has to be looked at and may not be.
    case blocked
  }

  /// The first record that is as late as the time, or later. Of a compressed batch it is the first record, whose own time may be
  /// earlier.
  package func find(timestamp: Int64, reach: ReadReach) throws(PartitionLogError) -> TimeSearch {
    for segment in segments where readableByteCount(of: segment) > 0 {
      switch try look(
        segment,
        { segment throws(FileError) in
          try segment.find(timestamp: timestamp, to: readableByteCount(of: segment), reach) {
            moment(in: $0, from: timestamp) != nil
          }
        })
      {
      case .found(let found):
        if let moment = moment(in: found.batch, from: timestamp) { return .found(moment) }
      case .behindEnd: continue
      case .blocked: return .blocked
      case .damaged(let position): throw Self.damage(segment, position)
      }
    }
    return .none
  }

  private func moment(in batch: RecordBatch, from timestamp: Int64) -> Moment? {
    if let records = try? RecordReader.records(of: batch) {
      let record = records.first { $0.timestamp >= timestamp && $0.offset >= logStartOffset }
      return record.map { Moment(offset: $0.offset, timestamp: $0.timestamp) }
    }
    let time = batch.hasLogAppendTime ? batch.maxTimestamp : batch.baseTimestamp
    return Moment(offset: max(batch.baseOffset, logStartOffset), timestamp: max(time, timestamp))
  }

  /// The latest time of a record that may be read; nil where there is none.
  package func latestMoment(reach: ReadReach) throws(PartitionLogError) -> TimeSearch {
    var latest: Int64 = -1
    do throws(FileError) {
      for segment in segments {
        defer { segment.forgetIndex() }
        guard let time = try latestTimestamp(of: segment, reach) else { return .blocked }
        latest = max(latest, time)
      }
    } catch { throw PartitionLogError(error) }
    guard latest >= 0 else { return .none }
    return try find(timestamp: latest, reach: reach)
  }

  /// The latest time of the segment's records that may be read, −1 where there is none; nil where the disk has to be looked at.
  private func latestTimestamp(of segment: Segment, _ reach: ReadReach) throws(FileError) -> Int64? {
    let end = readableByteCount(of: segment)
    guard segment.baseOffset >= logStartOffset else {
      // Some of its records were deleted: all that are left have to be looked at, which is not done on a loop.
      guard reach == .disk else { return nil }
      let start = logStartOffset
      return try segment.latestTimestamp(from: start, to: end, reach) { batch in
        guard batch.baseOffset < start, let records = try? RecordReader.records(of: batch) else {
          return batch.maxTimestamp
        }
        return records.lazy.filter { $0.offset >= start }.map(\.timestamp).max() ?? -1
      }
    }
    return end < segment.byteCount ? try segment.latestTimestamp(to: end, reach) : try segment.latestTimestamp(reach)
  }
}
