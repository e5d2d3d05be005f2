package import KafkaWire
package import PartitionLog

/// The topic of the broker's own that a coordinator keeps its state in: one partition, appended to and read back at the start.
package struct CoordinatorLog: StateLog {
  private let partition: Partition
  private let files: any FileLayer
  private let saveLogStarts: @Sendable () throws -> Void

  /// The log of a partition. `saveLogStarts` puts where logs start on the disk; it blocks.
  package init(
    _ partition: Partition, files: any FileLayer, saveLogStarts: @escaping @Sendable () throws -> Void = {}
  ) {
    self.partition = partition
    self.files = files
    self.saveLogStarts = saveLogStarts
  }

  package func append(
    _ batch: [UInt8], nowMilliseconds now: Int64, durable: @escaping @Sendable () -> Void
  ) throws(PartitionLogError) {
    switch partition.append(batch[...], origin: .broker, nowMilliseconds: now, .durable(durable)) {
    case .waiting: break
    case .done: durable()
    case .refused(let error): throw error
    }
  }

  package var endOffset: Int64 { partition.bounds.logEndOffset }

  package func replay(_ body: (Record) throws -> Void) throws {
    var offset = partition.bounds.logStartOffset
    while true {
      let slice = try partition.withLog { try $0.slice(from: offset, maximumBytes: 1 << 20, reach: .disk) }
      guard var bytes = try slice?.read(.disk), !bytes.isEmpty else { return }
      while !bytes.isEmpty {
        let batch = try RecordBatch(firstOf: bytes)
        for record in try RecordReader.records(of: batch) where record.offset >= offset { try body(record) }
        offset = batch.lastOffset + 1
        bytes = bytes.dropFirst(batch.byteCount)
      }
    }
  }

  package func forget(before offset: Int64, nowMilliseconds now: Int64) throws {
    let paths = try partition.withLog { try $0.deleteRecords(before: offset, nowMilliseconds: now) }
    try saveLogStarts()
    for path in paths { try files.remove(path) }
  }
}
