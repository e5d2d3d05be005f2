internal import Checksums

/// The file `<offset>.snapshot`: what is known of producers before that offset, in Kafka's ProducerSnapshot version 1. Of each
/// producer it keeps the newest batch.
enum ProducerSnapshot {
  private static let version: Int16 = 1
  private static let headerByteCount = 10
  private static let entryByteCount = 46

  static func encode(_ table: ProducerTable) -> [UInt8] {
    var entries: [UInt8] = []
    BigEndian.append(Int32(table.producers.count), to: &entries)
    for (producerID, state) in table.producers.sorted(by: { $0.key < $1.key }) {
      let last = state.batches.last
      BigEndian.append(producerID, to: &entries)
      BigEndian.append(state.epoch, to: &entries)
      BigEndian.append(last?.lastSequence ?? -1, to: &entries)
      BigEndian.append(last?.lastOffset ?? -1, to: &entries)
      BigEndian.append(last.map { Int32(truncatingIfNeeded: $0.lastOffset - $0.firstOffset) } ?? 0, to: &entries)
      BigEndian.append(state.lastTimestamp, to: &entries)
      BigEndian.append(Int32(-1), to: &entries)  // the coordinator's epoch, of transactions
      BigEndian.append(Int64(-1), to: &entries)  // the first offset of an open transaction
    }
    var bytes: [UInt8] = []
    BigEndian.append(version, to: &bytes)
    BigEndian.append(CRC32C.checksum(entries), to: &bytes)
    return bytes + entries
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
      let entry = bytes[start..<start + entryByteCount]
      let lastSequence = BigEndian.number(Int32.self, at: 10, in: entry)
      let lastOffset = BigEndian.number(Int64.self, at: 14, in: entry)
      let delta = BigEndian.number(Int32.self, at: 22, in: entry)
      let timestamp = BigEndian.number(Int64.self, at: 26, in: entry)
      var batches: [ProducerState.Batch] = []
      if lastSequence >= 0 {
        // Numbers go on at 0 behind the greatest, so the first may be above the last.
        batches = [
          ProducerState.Batch(
            firstSequence: Int32(truncatingIfNeeded: (Int64(lastSequence) - Int64(delta)) & 0x7fff_ffff),
            lastSequence: lastSequence, firstOffset: lastOffset - Int64(delta), lastOffset: lastOffset,
            timestamp: timestamp)
        ]
      }
      table.restore(
        ProducerState(
          epoch: BigEndian.number(Int16.self, at: 8, in: entry), batches: batches, lastTimestamp: timestamp),
        producerID: BigEndian.number(Int64.self, at: 0, in: entry))
    }
    return table
  }
}
