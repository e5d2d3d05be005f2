import Controller
import SimulationKit
import Testing

@Suite struct WriteAheadLogTests {
  static func entries(_ indexes: ClosedRange<UInt64>, byteCount: Int = 20) -> [LogEntry] {
    indexes.map { index in
      let payload = (0..<byteCount).map { UInt8(truncatingIfNeeded: Int(index) &* 31 &+ $0) }
      return LogEntry(term: Term(1), index: LogIndex(index), kind: .command, payload: payload)
    }
  }

  /// A log of five entries in one segment, the first three synced before the other two were written.
  private func five() throws -> PowerCutFiles {
    let files = PowerCutFiles()
    let (log, recovery) = try WriteAheadLog.open(files)
    #expect(recovery.entries.isEmpty && recovery.snapshot == nil && recovery.hardState == .alone)
    try log.append(Self.entries(1...3))
    try log.append(Self.entries(4...5))
    return files
  }

  private func segmentName(_ files: PowerCutFiles) throws -> String {
    try #require(try files.names().filter { $0.hasPrefix("log-") }.sorted().last)
  }

  @Test func `What was appended is found again`() throws {
    let (log, recovery) = try WriteAheadLog.open(try five())
    #expect(recovery.entries == Self.entries(1...5))
    #expect(log.durableIndex == LogIndex(5))
  }

  /// A power cut may leave any prefix of the last write: cut the file at every length.
  @Test func `A torn tail is cut beyond the last complete record`() throws {
    let whole = try five()
    let name = try segmentName(whole)
    let recordByteCount = 60
    let byteCount = try whole.contents(of: name).count
    for length in (byteCount - 2 * recordByteCount)...byteCount {
      let files = try five()
      files.damage(name) { $0 = Array($0.prefix(length)) }
      let (log, recovery) = try WriteAheadLog.open(files)
      let kept = UInt64(5 - (byteCount - length + recordByteCount - 1) / recordByteCount)
      #expect(recovery.entries == Self.entries(1...kept))
      try log.append(Self.entries(kept + 1...9))
      #expect(try WriteAheadLog.open(files).1.entries == Self.entries(1...9))
    }
  }

  /// Adversarial case 68: one damaged bit anywhere in what was durable, the last record included.
  @Test func `A damaged byte anywhere refuses to start`() throws {
    let whole = try five()
    let name = try segmentName(whole)
    for offset in 0..<(try whole.contents(of: name).count) {
      let files = try five()
      files.damage(name) { $0[offset] ^= 0x10 }
      let before = try files.contents(of: name)
      #expect(throws: ControllerError.self, "byte \(offset)") { try WriteAheadLog.open(files) }
      #expect(try files.contents(of: name) == before)
    }
  }

  @Test func `A missing segment, hard state or damaged snapshot refuses to start`() throws {
    func logOfThreeSegments() throws -> PowerCutFiles {
      let files = PowerCutFiles()
      let (log, _) = try WriteAheadLog.open(files, segmentByteCountLimit: 100)
      for index in UInt64(1)...9 { try log.append(Self.entries(index...index)) }
      try log.keep(Snapshot(index: LogIndex(5), term: Term(1), state: [1, 2, 3]), published: .zero)
      return files
    }
    let names = try logOfThreeSegments().names().filter { $0.hasPrefix("log-") }.sorted()
    #expect(names.count > 3)
    for name in Array(names.dropFirst().dropLast()) + ["hard-state"] {
      let files = try logOfThreeSegments()
      try files.remove(name)
      #expect(throws: ControllerError.self, "without \(name)") { try WriteAheadLog.open(files) }
    }
    let files = try logOfThreeSegments()
    files.damage(try #require(try files.names().first { $0.hasPrefix("snapshot-") })) { $0[$0.count - 1] ^= 1 }
    #expect(throws: ControllerError.self) { try WriteAheadLog.open(files) }
  }

  @Test func `Truncation stops at what is published`() throws {
    let files = PowerCutFiles()
    let (log, _) = try WriteAheadLog.open(files, segmentByteCountLimit: 100)
    for index in UInt64(1)...20 { try log.append(Self.entries(index...index)) }
    try log.keep(Snapshot(index: LogIndex(18), term: Term(1), state: []), published: LogIndex(7))
    #expect(try WriteAheadLog.open(files).1.entries == Self.entries(19...20))
    func first() throws -> String? { try files.names().filter { $0.hasPrefix("log-") }.min() }
    #expect(try #require(try first()) <= "log-00000000000000000008")
    #expect(try #require(try first()) > "log-00000000000000000001")
    try log.truncate(published: LogIndex(20))
    #expect(try #require(try first()) > "log-00000000000000000008")
    #expect(try WriteAheadLog.open(files).1.entries == Self.entries(19...20))
  }

  /// Lives of a controller that end in power cuts: whatever was acknowledged is there in the next life, in order.
  @Test func `No acknowledged entry is lost in a power cut`() throws {
    try SeededProperty.holds(forSeeds: 60) { generator in
      let files = PowerCutFiles()
      var acknowledged: UInt64 = 0
      var snapshotIndex: UInt64 = 0
      for _ in 0..<6 {
        files.cutPower(after: Int.random(in: 0...40, using: &generator), using: &generator)
        do throws(ControllerError) {
          let (log, recovery) = try WriteAheadLog.open(files, segmentByteCountLimit: 3000)
          var last = recovery.snapshot?.index.number ?? 0
          try check(
            recovery.entries
              == (recovery.entries.isEmpty ? [] : Self.entries(last + 1...log.durableIndex.number, byteCount: 300)))
          last = log.durableIndex.number
          try check(last >= acknowledged && (recovery.snapshot?.index.number ?? 0) >= snapshotIndex)
          acknowledged = last
          snapshotIndex = max(snapshotIndex, recovery.snapshot?.index.number ?? 0)
          while true {
            let count = UInt64.random(in: 1...6, using: &generator)
            try log.append(Self.entries(acknowledged + 1...acknowledged + count, byteCount: 300))
            acknowledged += count
            if generator.isOne(in: 4), acknowledged > snapshotIndex {
              let index = UInt64.random(in: snapshotIndex + 1...acknowledged, using: &generator)
              let snapshot = Snapshot(index: LogIndex(index), term: Term(1), state: generator.bytes(count: 0...900))
              try log.keep(snapshot, published: LogIndex(UInt64.random(in: 0...acknowledged, using: &generator)))
              snapshotIndex = index
            }
          }
        } catch {
          try SeededProperty.claim(error.code == .storage, "\(error)")
        }
        files.restart(using: &generator)
      }
    }
  }

  private func check(_ condition: Bool) throws(ControllerError) {
    if !condition { throw ControllerError(.corrupt, "an acknowledged entry is lost or changed") }
  }
}
