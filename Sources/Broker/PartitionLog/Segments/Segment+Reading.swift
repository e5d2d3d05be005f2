internal import KafkaWire

extension Segment {
  /// What a look into a segment came to.
  enum Search {
    case found(BatchScan.Found)
    /// Every record that may be read comes before what is sought.
    case behindEnd
    /// What has to be read is not in memory.
    case blocked
    /// The batch that is sought stood here, and is not whole.
    case damaged(position: Int64)
  }

  /// The batch that holds the offset, which lies before what stands at `end`. Damage on the way to it is passed.
  func find(_ offset: Int64, to end: Int64, _ reach: ReadReach) throws(FileError) -> Search {
    guard let index = try loadIndex(reach) else { return .blocked }
    let place = index.place(of: offset - baseOffset)
    guard var scan = try scan(from: place, to: end, reach, { $0.place(of: offset - self.baseOffset) })
    else { return .blocked }
    return try walk(&scan, reach, behind: offset) { $0.lastOffset >= offset }
  }

  /// The first batch with a time that is as late as the one given, and that the caller takes.
  func find(
    timestamp: Int64, to end: Int64, _ reach: ReadReach, where isTaken: (RecordBatch) -> Bool
  ) throws(FileError) -> Search {
    guard var index = try loadIndex(reach) else { return .blocked }
    if let moment = index.moment(before: timestamp) {
      guard let isTrue = try isTrue(moment, index, reach), isTrue || reach == .disk else { return .blocked }
      if !isTrue { index = try rebuildIndex("the time \(moment.timestamp) is not that of its batch") }
    }
    let choose: (SegmentIndex) -> SegmentIndex.Place? = { index in
      index.moment(before: timestamp).flatMap { index.place(of: Int64($0.relativeOffset)) }
    }
    let place = choose(index)
    if let place, Int64(place.position) >= end { return .behindEnd }
    guard var scan = try scan(from: place, to: end, reach, choose) else { return .blocked }
    return try walk(&scan, reach, behind: nil) { $0.maxTimestamp >= timestamp && isTaken($0) }
  }

  /// A walk from the entry's place. An entry that does not tell what the log does is found out here: the index is made anew, and
  /// another entry chosen. Nil where only memory may be read and that is not enough.
  func scan(
    from place: SegmentIndex.Place?, to end: Int64, _ reach: ReadReach,
    _ choose: (SegmentIndex) -> SegmentIndex.Place?
  ) throws(FileError) -> BatchScan? {
    let end = min(end, byteCount)
    let depth: BatchScan.Depth = Int64(place?.position ?? 0) >= inheritedByteCount ? .shape : .checksum
    guard let place else { return BatchScan(try log(), from: 0, to: end, .base(baseOffset), depth, reach: reach) }
    var scan = BatchScan(
      try log(), from: Int64(place.position), to: end, expectation(at: place), depth, reach: reach)
    if try scan.look() != nil { return scan }
    guard reach == .disk else { return nil }
    let rebuilt = choose(try rebuildIndex("the entry for byte \(place.position) points at no such batch"))
    return BatchScan(
      try log(), from: Int64(rebuilt?.position ?? 0), to: end, expectation(at: rebuilt), depth, reach: reach)
  }

  /// - Parameter behind: the offset that is sought; nil where it is something else, and holes are only passed.
  private func walk(
    _ scan: inout BatchScan, _ reach: ReadReach, behind offset: Int64?, until isSought: (RecordBatch) -> Bool
  ) throws(FileError) -> Search {
    var hole: Int64?
    while true {
      if let found = try scan.next() {
        guard isSought(found.batch) else {
          hole = nil
          continue
        }
        if let offset, found.batch.baseOffset > offset { return .damaged(position: hole ?? found.position) }
        return .found(found)
      }
      if scan.isBlocked { return .blocked }
      guard scan.isDamaged else { return hole.map { .damaged(position: $0) } ?? .behindEnd }
      let position = scan.position
      if try scan.resume() {
        noteDamage(at: position)
        hole = hole ?? position
        continue
      }
      if scan.isBlocked { return .blocked }
      noteDamage(at: position)
      return offset == nil ? .behindEnd : .damaged(position: hole ?? position)
    }
  }

  func noteDamage(at position: Int64) {
    findings.add(LogFinding(.recordsDamaged, path(.log), at: position, "a batch is not what was written"))
  }
}
