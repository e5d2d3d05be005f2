internal import KafkaWire

/// The producers of one partition. Bounded: a silent one is forgotten, and any number of it is taken then.
struct ProducerTable: Equatable, Sendable {
  private(set) var producers: [Int64: ProducerState] = [:]

  func state(of producerID: Int64) -> ProducerState? { producers[producerID] }

  /// Takes note of a batch that stands in the log now.
  mutating func note(_ batch: RecordBatch) {
    guard batch.producerID >= 0, !batch.isControl else { return }
    add(
      ProducerState.Batch(
        firstSequence: batch.baseSequence, lastSequence: batch.lastSequence, firstOffset: batch.baseOffset,
        lastOffset: batch.lastOffset, timestamp: batch.maxTimestamp), producerID: batch.producerID,
      epoch: batch.producerEpoch)
  }

  mutating func add(_ batch: ProducerState.Batch, producerID: Int64, epoch: Int16) {
    if producers[producerID] == nil {
      makeRoom()
      producers[producerID] = ProducerState(epoch: epoch, lastTimestamp: batch.timestamp)
    }
    producers[producerID]?.add(batch, epoch: epoch)
  }

  /// A producer of which no batch is remembered.
  mutating func restore(epoch: Int16, lastTimestamp: Int64, producerID: Int64) {
    makeRoom()
    producers[producerID] = ProducerState(epoch: epoch, lastTimestamp: lastTimestamp)
  }

  /// Forgets who has been silent for a day of record time. Later clocks do not undo it.
  mutating func expire(nowMilliseconds now: Int64) {
    producers = producers.filter { producer in
      // Clients choose the times, and may choose any number.
      let silence = now.subtractingReportingOverflow(producer.value.lastTimestamp)
      return !silence.overflow && silence.partialValue < LogLimits.producerExpiryMilliseconds
    }
  }

  private mutating func makeRoom() {
    if producers.count >= LogLimits.producersPerPartition { forgetLongestSilent() }
  }

  /// Forgets at least so many, as far as there are any. An eighth at once, so that looking for them costs each new producer little.
  mutating func forgetLongestSilent(atLeast count: Int = 1) {
    let oldest = producers.sorted { $0.value.lastTimestamp < $1.value.lastTimestamp }
    for entry in oldest.prefix(max(count, producers.count / 8)) { producers[entry.key] = nil }
  }
}
