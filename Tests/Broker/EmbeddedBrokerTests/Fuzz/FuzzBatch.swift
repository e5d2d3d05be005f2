import Checksums
import KafkaWire
import SimulationKit

/// Batches of records, sound and damaged, with a checksum that is right more often than not: what is behind it is to be met.
enum FuzzBatch {
  static func bytes(using generator: inout SeededGenerator) -> [UInt8] {
    var builder = RecordBatchBuilder()
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      builder.append(
        key: generator.isOne(in: 3) ? nil : generator.bytes(count: 0...9)[...],
        value: generator.isOne(in: 5) ? nil : generator.bytes(count: 0...40)[...],
        timestamp: Int64.random(in: 0...2_000_000_000_000, using: &generator),
        headers: generator.isOne(in: 2) ? [] : [Record.Header(name: generator.bytes(count: 0...4)[...], value: nil)])
    }
    if generator.isOne(in: 3) {
      builder.producerID = Int64.random(in: 0...5, using: &generator)
      builder.producerEpoch = Int16.random(in: 0...1, using: &generator)
      builder.baseSequence = Int32.random(in: 0...3, using: &generator)
    }
    var batch = builder.finish()
    guard generator.isOne(in: 2) else { return batch }
    Mutation.damage(&batch, using: &generator)
    if !generator.isOne(in: 4), batch.count >= RecordBatchHeader.byteCount { sign(&batch) }
    return batch
  }

  private static func sign(_ batch: inout [UInt8]) {
    let checksum = CRC32C.checksum(batch[RecordBatchHeader.attributes...])
    let bytes = withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
    batch.replaceSubrange(RecordBatchHeader.checksum..<RecordBatchHeader.checksum + 4, with: bytes)
  }
}
