internal import Checksums

/// The file `<offset>.snapshot`: what is known of producers before that offset, in Kafka's ProducerSnapshot version 1. A producer
/// has an entry for each batch that is remembered, the newest last; Kafka writes only that one, and takes the last it reads.
enum ProducerSnapshot {
  private static let version: Int16 = 1
  private static let headerByteCount = 10
  private static let entryByteCount = 46

  static func encode(_ table: ProducerTable) -> [UInt8] {
    let count = table.producers.reduce(0) { $0 + max(1, $1.value.batches.count) }
    var entries: [UInt8] = []
    entries.reserveCapacity(4 + count * entryByteCount)
    BigEndian.append(Int32(count), to: &entries)
    for (producerID, state) in table.producers.sorted(by: { $0.key < $1.key }) {
      if state.batches.isEmpty { append(producerID, state, nil, to: &entries) }
      for batch in state.batches { append(producerID, state, batch, to: &entries) }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.count + 6)
    BigEndian.append(version, to: &bytes)
    BigEndian.append(CRC32C.checksum(entries), to: &bytes)
    return bytes + entries
  }

  private static func append(
    _ producerID: Int64, _ state: ProducerState, _ batch: ProducerState.Batch?, to entries: inout [UInt8]
  ) {
    BigEndian.append(producerID, to: &entries)
    BigEndian.append(state.epoch, to: &entries)
    BigEndian.append(batch?.lastSequence ?? -1, to: &entries)
    BigEndian.append(batch?.lastOffset ?? -1, to: &entries)
    BigEndian.append(batch.map { Int32(truncatingIfNeeded: $0.lastOffset - $0.firstOffset) } ?? 0, to: &entries)
    BigEndian.append(batch?.timestamp ?? state.lastTimestamp, to: &entries)
    BigEndian.append(Int32(-1), to: &entries)  // the coordinator's epoch, of transactions
    BigEndian.append(Int64(-1), to: &entries)  // the first offset of an open transaction
  }

  /// Nil where the file is damaged.
  static func decode(_ bytes: [UInt8]) -> ProducerTable? {
    guard bytes.count >= headerByteCount, BigEndian.number(Int16.self, at: 0, in: bytes) == version,
      BigEndian.number(UInt32.self, at: 2, in: bytes) == CRC32C.checksum(bytes[6...])
    else { return nil }
    let count = Int(BigEndian.number(Int32.self, at: 6, in: bytes))
    guard count >= 0, bytes.count == headerByteCount + count * entryByteCount else { return nil }
    var table = ProducerTable()
    for start in stride(from: headerByteCount, to: bytes.count, by: entryByteCount) {
      restore(bytes[start..<start + entryByteCount], in: &table)
    }
    return table
  }

  private static func restore(_ entry: ArraySlice<UInt8>, in table: inout ProducerTable) {
    let producerID = BigEndian.number(Int64.self, at: 0, in: entry)
    let epoch = BigEndian.number(Int16.self, at: 8, in: entry)
    let lastSequence = BigEndian.number(Int32.self, at: 10, in: entry)
    let lastOffset = BigEndian.number(Int64.self, at: 14, in: entry)
    let delta = BigEndian.number(Int32.self, at: 22, in: entry)
    let timestamp = BigEndian.number(Int64.self, at: 26, in: entry)
    guard lastSequence >= 0 else {
      return table.restore(epoch: epoch, lastTimestamp: timestamp, producerID: producerID)
    }
    // Numbers go on at 0 behind the greatest, so the first may be above the last.
    table.add(
      ProducerState.Batch(
        firstSequence: Int32(truncatingIfNeeded: (Int64(lastSequence) - Int64(delta)) & 0x7fff_ffff),
        lastSequence: lastSequence, firstOffset: lastOffset - Int64(delta), lastOffset: lastOffset,
        timestamp: timestamp), producerID: producerID, epoch: epoch)
  }
}
