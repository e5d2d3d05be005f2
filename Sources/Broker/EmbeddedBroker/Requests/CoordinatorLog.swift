package import KafkaWire
package import PartitionLog

/// The topic of the broker's own that a coordinator keeps its state in: one partition, appended to and read back at the start.
package struct CoordinatorLog: Sendable {
  private let partition: Partition
  private let files: any FileLayer

  package init(_ partition: Partition, files: any FileLayer) {
    self.partition = partition
    self.files = files
  }

  /// Appends one batch; `done` is told once it is durable, or that it was refused and nothing was appended. From any thread.
  package func append(
    _ batch: [UInt8], nowMilliseconds now: Int64, done: @escaping @Sendable (ErrorCode) -> Void
  ) {
    let outcome = partition.append(
      batch[...], origin: .broker, nowMilliseconds: now, .durable { done(.none) })
    switch outcome {
    case .waiting: break
    case .done: done(.none)
    case .refused(let error): done(error.code)
    }
  }

  /// The offsets that there are.
  package var bounds: PartitionBounds { partition.bounds }

  /// Hands over every record from the start, in order. Blocks: not on a loop.
  package func replay(_ body: (Record) -> Void) throws {
    var offset = partition.bounds.logStartOffset
    while true {
      let slice = try partition.withLog { try $0.slice(from: offset, maximumBytes: 1 << 20, reach: .disk) }
      guard var bytes = try slice?.read(.disk), !bytes.isEmpty else { return }
      while !bytes.isEmpty {
        let batch = try RecordBatch(firstOf: bytes)
        for record in try RecordReader.records(of: batch) where record.offset >= offset { body(record) }
        offset = batch.lastOffset + 1
        bytes = bytes.dropFirst(batch.byteCount)
      }
    }
  }

  /// Forgets what stands before an offset: everything it said stands again behind it. Blocks.
  package func forget(before offset: Int64, nowMilliseconds now: Int64) throws {
    let paths = try partition.withLog { try $0.deleteRecords(before: offset, nowMilliseconds: now) }
    for path in paths { try files.remove(path) }
  }
}
