import KafkaWire
import SimulationKit

@testable import PartitionLog

/// Whether the indexes of a folder's segments say what their logs do.
enum IndexCheck {
  static func check(_ directory: String, _ files: any FileLayer) throws {
    let names = try files.names(in: directory)
    let bases = names.compactMap(SegmentName.parse).filter { $0.kind == .log }.map(\.offset).sorted()
    var next: Int64?
    for base in bases {
      func contents(_ kind: SegmentName.Kind) throws -> [UInt8] {
        try files.contents(of: "\(directory)/\(SegmentName.file(base, kind))") ?? []
      }
      let log = try contents(.log)
      let index = SegmentIndex(
        places: try contents(.index), moments: try contents(.timeIndex), logByteCount: Int64(log.count))
      try SeededProperty.claim(index != nil, "the index of \(base) is unsound")
      guard let index else { return }
      let batches = try batches(log, base)
      if let next { try SeededProperty.claim(base == next, "behind \(next) follows the segment \(base)") }
      next = batches.last.map { $0.batch.lastOffset + 1 } ?? base
      for place in index.places {
        let isThere = batches.contains {
          $0.position == Int(place.position) && $0.batch.lastOffset == base + Int64(place.relativeOffset)
        }
        try SeededProperty.claim(isThere, "\(base).index has \(place)")
      }
      for moment in index.moments {
        let before = batches.filter { $0.batch.lastOffset <= base + Int64(moment.relativeOffset) }
        try SeededProperty.claim(
          before.last?.batch.lastOffset == base + Int64(moment.relativeOffset)
            && before.map(\.batch.maxTimestamp).max() == moment.timestamp, "\(base).timeindex has \(moment)")
      }
    }
  }

  private static func batches(_ log: [UInt8], _ base: Int64) throws -> [(batch: RecordBatch, position: Int)] {
    var (rest, found): (ArraySlice<UInt8>, [(batch: RecordBatch, position: Int)]) = (log[...], [])
    var next = base
    while !rest.isEmpty {
      let batch = try RecordBatch(firstOf: rest)
      try SeededProperty.claim(
        batch.baseOffset == next && batch.isChecksumValid, "\(batch.baseOffset) stands at \(next) of segment \(base)")
      found.append((batch, rest.startIndex))
      next = batch.lastOffset + 1
      rest = rest.dropFirst(batch.byteCount)
    }
    return found
  }
}
