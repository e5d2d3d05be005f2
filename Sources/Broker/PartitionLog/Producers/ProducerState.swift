/// What a partition knows of one producer that numbers its batches: enough to tell a batch that comes again from one that is new
/// or out of order.
struct ProducerState: Equatable, Sendable {
  /// A batch that was appended.
  struct Batch: Equatable, Sendable {
    let firstSequence: Int32
    let lastSequence: Int32
    let firstOffset: Int64
    let lastOffset: Int64
    let timestamp: Int64
  }

  private(set) var epoch: Int16
  /// The last few, the newest last.
  private(set) var batches: [Batch] = []
  private(set) var lastTimestamp: Int64

  init(epoch: Int16, batches: [Batch] = [], lastTimestamp: Int64) {
    self.epoch = epoch
    self.batches = batches
    self.lastTimestamp = lastTimestamp
  }

  /// Takes note of a batch that was appended.
  mutating func add(_ batch: Batch, epoch: Int16) {
    if epoch != self.epoch {
      self.epoch = epoch
      batches = []
    }
    if batches.count == LogLimits.rememberedBatches { batches.removeFirst() }
    batches.append(batch)
    lastTimestamp = max(lastTimestamp, batch.timestamp)
  }
}
