import FoundationEssentials
import KafkaWire
import PartitionLog
import SimulationKit

/// A partition of several segments whose files are put back before each flip of a bit.
final class DamagedFolder {
  struct Written {
    let offset: Int64
    let value: String
    let timestamp: Int64
    /// The offsets of its batch.
    let batch: ClosedRange<Int64>
  }

  /// One bit of one file.
  struct Flip: CustomStringConvertible {
    let name: String
    let bit: Int
    var description: String { "bit \(bit % 8) of byte \(bit / 8) in \(name)" }
  }

  let scene: LogScene
  let shutdown: PartitionLog.Shutdown
  private(set) var written: [Written] = []
  private(set) var lastBatch: ArraySlice<UInt8> = []
  private(set) var checkpoint = LogCheckpoint()
  private(set) var files: [String: [UInt8]] = [:]
  let logEndOffset: Int64
  let activeBase: String

  init(_ shutdown: PartitionLog.Shutdown, seed: UInt64) throws {
    self.shutdown = shutdown
    scene = try LogScene {
      $0.segmentBytes = 2_400
      $0.indexIntervalBytes = 250
    }
    let disk = PowerCutFiles()
    try disk.makeDirectory(scene.directory)
    scene.files = disk
    var random = SeededGenerator(seed: seed)
    let log = try scene.open()
    var sequence: Int32 = 0
    for number in 0..<70 {
      scene.now += Int64.random(in: 0...20, using: &random)
      let count = Int.random(in: 1...4, using: &random)
      let first = log.logEndOffset
      let values = (0..<count).map { "\(number)-\($0)-" + String(repeating: "x", count: number % 40) }
      lastBatch = scene.batch(values, producer: 7, sequence: sequence)
      sequence += Int32(count)
      _ = try log.append(lastBatch, origin: .client, nowMilliseconds: scene.now)
      for (index, value) in values.enumerated() {
        written.append(
          Written(
            offset: first + Int64(index), value: value, timestamp: scene.now,
            batch: first...(first + Int64(count) - 1)))
      }
      if number % 3 == 0 { try scene.sync(log) }
    }
    try scene.sync(log)
    if shutdown == .clean {
      try log.close()
      checkpoint = LogCheckpoint(recoveryPoint: log.recoveryPoint, logStartOffset: 0)
    }
    logEndOffset = log.logEndOffset
    let names = try scene.files.names(in: log.directory)
    activeBase = String((names.filter { $0.hasSuffix(".log") }.max() ?? "").prefix(20))
    for name in names { files[name] = try scene.files.contents(of: "\(log.directory)/\(name)") }
  }

  /// Puts every file back as it was, but for one bit.
  func lay(_ flip: Flip) throws {
    let folder = "\(scene.directory)/t-0"
    for name in try scene.files.names(in: folder) where files[name] == nil {
      try scene.files.remove("\(folder)/\(name)")
    }
    for (name, bytes) in files {
      var bytes = bytes
      if name == flip.name { bytes[flip.bit / 8] ^= 1 << UInt8(flip.bit % 8) }
      let file = try scene.files.open("\(folder)/\(name)", .empty)
      try file.write([bytes[...]], at: 0)
    }
  }

  func open() throws -> PartitionLog { try scene.open(shutdown, checkpoint) }

  /// The offsets of the batch that the bit belongs to.
  func batch(hitBy flip: Flip) throws -> ClosedRange<Int64> {
    var rest = (files[flip.name] ?? [])[...]
    while flip.bit / 8 >= rest.startIndex + (try RecordBatch(firstOf: rest).byteCount) {
      rest = rest.dropFirst(try RecordBatch(firstOf: rest).byteCount)
    }
    let batch = try RecordBatch(firstOf: rest)
    return batch.baseOffset...batch.lastOffset
  }

  /// A bit of a file with one of the endings; of the active segment's only where that is asked for.
  func randomFlip(_ endings: [String], _ random: inout SeededGenerator, where isTaken: (String) -> Bool) -> Flip? {
    let names = files.keys.filter { name in
      endings.contains { name.hasSuffix($0) } && isTaken(name) && files[name]?.isEmpty == false
    }.sorted()
    guard let name = names.randomElement(using: &random), let bytes = files[name] else { return nil }
    return Flip(name: name, bit: Int.random(in: 0..<bytes.count * 8, using: &random))
  }
}
