import FoundationEssentials
import KafkaWire
import PartitionLog
import SimulationKit

/// Reads a log as a consumer does.
enum LogReading {
  /// A record's place and value.
  struct Row: Equatable {
    let offset: Int64
    let value: String
  }

  /// Every record from the offset to the high watermark.
  static func values(_ log: PartitionLog, from start: Int64, maximumBytes: Int = 4_000) throws -> [Row] {
    var (offset, rows): (Int64, [Row]) = (start, [])
    while offset < log.highWatermark {
      let found = try read(log, from: offset, maximumBytes: maximumBytes)
      guard let last = found.last else { return rows }
      rows += found
      offset = last.offset + 1
    }
    return rows
  }

  /// What one fetch gives, without the records before the offset.
  static func read(_ log: PartitionLog, from offset: Int64, maximumBytes: Int) throws -> [Row] {
    guard let slice = try log.slice(from: offset, maximumBytes: maximumBytes, reach: .disk),
      var bytes = try slice.read(.disk)
    else { return [] }
    var rows: [Row] = []
    while !bytes.isEmpty {
      let batch = try RecordBatch(firstOf: bytes)
      for record in try RecordReader.records(of: batch) where record.offset >= offset {
        rows.append(Row(offset: record.offset, value: String(decoding: record.value ?? [], as: UTF8.self)))
      }
      bytes = bytes.dropFirst(batch.byteCount)
    }
    return rows
  }
}

/// A number that the environment gives, for runs that are longer than usual.
enum EnvironmentNumber {
  static func value(_ name: String, default usual: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? usual
  }
}
