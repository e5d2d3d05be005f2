import FoundationEssentials
import KafkaWire
import PartitionLog

/// A partition in a folder of its own, with the real file system.
final class LogScene {
  let directory: String
  var options: LogOptions
  var files: any FileLayer = DiskFiles()
  let cache: FileCache
  var now: Int64 = 1_700_000_000_000

  init(_ configure: (inout LogOptions) -> Void = { _ in }) throws {
    directory = "/tmp/partition-log-\(UInt64.random(in: 0 ... .max))"
    options = LogOptions()
    configure(&options)
    cache = FileCache(DiskFiles())
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func open(
    _ shutdown: PartitionLog.Shutdown = .unclean, _ checkpoint: LogCheckpoint = LogCheckpoint()
  ) throws -> PartitionLog {
    try PartitionLog(
      directory: "\(directory)/t-0", topicID: WireUUID(high: 1, low: 2), options: options, files: files,
      cache: FileCache(files), checkpointed: checkpoint, after: shutdown, nowMilliseconds: now)
  }

  /// A batch as a client sends it.
  func batch(_ values: [String], producer: Int64 = -1, epoch: Int16 = 0, sequence: Int32 = -1) -> ArraySlice<UInt8> {
    var builder = RecordBatchBuilder()
    if producer >= 0 {
      builder.producerID = producer
      builder.producerEpoch = epoch
      builder.baseSequence = sequence
    }
    for value in values { builder.append(key: nil, value: Array(value.utf8)[...], timestamp: now) }
    return builder.finish()[...]
  }

  @discardableResult
  func append(_ log: PartitionLog, _ values: [String]) throws -> Appended {
    try log.append(batch(values), origin: .client, nowMilliseconds: now)
  }

  /// Syncs, so that all that was appended may be read.
  func sync(_ log: PartitionLog) throws {
    guard let ticket = try log.syncTicket() else { return }
    try ticket.sync()
    log.finish(ticket)
  }

  /// Every record from the offset to the high watermark, in as many reads as it takes.
  func values(_ log: PartitionLog, from start: Int64 = 0, maximumBytes: Int = 1 << 20) throws -> [String] {
    var (offset, found): (Int64, [String]) = (start, [])
    while offset < log.highWatermark {
      guard let slice = try log.slice(from: offset, maximumBytes: maximumBytes, reach: .disk),
        var bytes = try slice.read(.disk), !bytes.isEmpty
      else { return found }
      while !bytes.isEmpty {
        let batch = try RecordBatch(firstOf: bytes)
        for record in try RecordReader.records(of: batch) where record.offset >= offset {
          found.append(String(decoding: record.value ?? [], as: UTF8.self))
          offset = record.offset + 1
        }
        bytes = bytes.dropFirst(batch.byteCount)
      }
    }
    return found
  }
}
