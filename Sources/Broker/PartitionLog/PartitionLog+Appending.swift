internal import KafkaWire

/// What an append came to.
package struct Appended: Sendable, Equatable {
  /// The offset of the batch's first record.
  package let baseOffset: Int64
  /// The offset of its last record.
  package let lastOffset: Int64
  /// The time that the broker gave the records; nil where the producer's stands.
  package let logAppendTimeMilliseconds: Int64?
  /// Whether the batch had been appended before, and was not again.
  package let isDuplicate: Bool
}

extension PartitionLog {
  /// Judges a batch, gives its records their offsets, and writes it. It is neither durable nor readable yet, unless the flush policy
  /// says so: see ``highWatermark``.
  ///
  /// - Parameter batches: one record batch, with the offset 0 where a client sends it.
  /// - Throws: ``PartitionLogError`` with Kafka's code; the log is as it was.
  package func append(
    _ batches: ArraySlice<UInt8>, origin: AppendOrigin, nowMilliseconds now: Int64
  ) throws(PartitionLogError) -> Appended {
    let batch = try AppendRules.check(batches, options, origin: origin, nowMilliseconds: now)
    if let before = try repeated(batch) { return before }
    let stampedTime = options.timestampType == .logAppendTime ? now : nil
    let stored = StoredBatch(batch, baseOffset: logEndOffset, logAppendTime: stampedTime)
    do throws(FileError) {
      if activeSegment.isFull(for: stored, options) { try roll(nowMilliseconds: now) }
      let place = endPlace
      try activeSegment.append(stored, options)
      recent.add(
        RecentBatches.Batch(first: logEndOffset, last: stored.lastOffset, place: place, byteCount: stored.byteCount))
    } catch { throw PartitionLogError(error) }
    return note(stored, batch, stampedTime)
  }

  /// What a repeated batch came to when it was new.
  private func repeated(_ batch: RecordBatch) throws(PartitionLogError) -> Appended? {
    guard batch.producerID >= 0, !batch.isControl else { return nil }
    let verdict = try ProducerRules.judge(
      producers.state(of: batch.producerID), producerID: batch.producerID, epoch: batch.producerEpoch,
      firstSequence: batch.baseSequence, lastSequence: batch.lastSequence)
    guard case .repeated(let before) = verdict else { return nil }
    return Appended(
      baseOffset: before.firstOffset, lastOffset: before.lastOffset, logAppendTimeMilliseconds: nil, isDuplicate: true)
  }

  private func note(_ stored: StoredBatch, _ batch: RecordBatch, _ stampedTime: Int64?) -> Appended {
    let baseOffset = logEndOffset
    logEndOffset = stored.lastOffset + 1
    unsyncedRecordCount += logEndOffset - baseOffset
    if unsynced.last !== activeSegment { unsynced.append(activeSegment) }
    if !options.flush.holdsAcknowledgement { highWatermarkPlace = endPlace }
    if batch.producerID >= 0, !batch.isControl {
      if producerCount.isFull, producers.state(of: batch.producerID) == nil { producers.forgetLongestSilent() }
      producers.add(
        ProducerState.Batch(
          firstSequence: batch.baseSequence, lastSequence: batch.lastSequence, firstOffset: baseOffset,
          lastOffset: stored.lastOffset, timestamp: stored.maxTimestamp), producerID: batch.producerID,
        epoch: batch.producerEpoch)
    }
    return Appended(
      baseOffset: baseOffset, lastOffset: stored.lastOffset, logAppendTimeMilliseconds: stampedTime, isDuplicate: false)
  }

  /// Closes the active segment and makes the next. The next sync covers the closed one, of which a commit journal may hold bytes.
  func roll(nowMilliseconds now: Int64) throws(FileError) {
    try activeSegment.writeIndex(.closed)
    let indexes = [activeSegment.path(.index), activeSegment.path(.timeIndex)]
    let next = try Segment.make(logEndOffset, in: folder)
    hasUnsyncedNames = true
    if unsynced.last !== activeSegment { unsynced.append(activeSegment) }
    activeSegment.endAppending()
    segments.append(next)
    producers.expire(nowMilliseconds: now)
    rollSnapshot = RollSnapshot(
      offset: logEndOffset, bytes: ProducerSnapshot.encode(producers), indexes: indexes
    ).following(rollSnapshot)
  }
}

/// What becomes durable with the segments before an offset, and says that they are: a start need not look at them.
struct RollSnapshot: Sendable {
  let offset: Int64
  let bytes: [UInt8]
  /// The indexes of the segments that were closed.
  let indexes: [String]

  /// This one, and what an earlier one covers.
  func following(_ earlier: RollSnapshot?) -> RollSnapshot {
    RollSnapshot(offset: offset, bytes: bytes, indexes: (earlier?.indexes ?? []) + indexes)
  }
}
