import KafkaWire
import SimulationKit
import Testing

@testable import EmbeddedBroker

struct TopicsMetadataFramesTests {
  private static let first = MetadataTopic(
    id: WireUUID(high: 1, low: 2), name: "orders", partitionCount: 3, configs: ["retention.ms": "1000"])
  private static let second = MetadataTopic(
    id: WireUUID(high: 3, low: 4), name: "payments", partitionCount: 1, configs: [:])
  private static let records: [MetadataRecord] = [
    .topic(first), .producerIDBlock(endID: 1000), .topic(second),
    .configs(.topic(first.id), ["retention.ms": "5", "segment.bytes": "1048576"]),
    .configs(.broker, ["log.retention.ms": "7"]), .configs(.everyBroker, [:]), .deleteTopic(second.id),
    .snapshotEnd(recordCount: 7),
  ]

  private static func file(_ records: [MetadataRecord]) -> [UInt8] { records.flatMap(MetadataFrames.frame) }

  /// Goal: what is written stays readable for ever: the bytes of one record of a kind, by hand.
  @Test func `the bytes of a frame`() {
    let frame = MetadataFrames.frame(.producerIDBlock(endID: 258))
    #expect(frame == [0, 0, 0, 12] + frame[4..<8] + [0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2])
    let topic = MetadataFrames.frame(.topic(Self.second))
    #expect(
      Array(topic[8...])
        == [0, 1, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4] + [0, 8] + Array("payments".utf8)
        + [0, 0, 0, 1] + [0, 0])
  }

  @Test func `every kind is read as it was written`() {
    let content = MetadataFrames.read(Self.file(Self.records))
    #expect(content.records == Self.records)
    #expect(content.end == .clean)
    #expect(content.byteCount == Self.file(Self.records).count)
  }

  /// Goal: a crash at every byte of a write leaves all records before it, and never a record that is not whole.
  @Test func `a file that ends anywhere`() {
    let bytes = Self.file(Self.records)
    for count in 0...bytes.count {
      let content = MetadataFrames.read(Array(bytes[..<count]))
      #expect(content.records == Array(Self.records[..<content.records.count]))
      #expect(content.byteCount == Self.file(content.records).count)
      #expect(content.end == (content.byteCount == count ? .clean : .torn))
    }
  }

  /// Goal: a power cut may leave the last write's bytes in any state, and the file's size as it should be.
  @Test func `a last record that is not what was written`() throws {
    let kept = Self.file(Array(Self.records[..<3]))
    try SeededProperty.holds { random in
      var last = MetadataFrames.frame(Self.records[3])
      for index in last.indices where random.isOne(in: 3) { last[index] = 0 }
      last[random.next() % 2 == 0 ? 4 : last.count - 1] ^= 0x55
      let content = MetadataFrames.read(kept + last)
      try SeededProperty.claim(content.records.count == 3, "\(content)")
      try SeededProperty.claim(content.end == .torn, "\(content)")
    }
  }

  /// Goal: a flipped bit before the last record is found and refused, never cut off with what follows.
  @Test func `a flipped bit in the middle`() {
    let bytes = Self.file(Self.records)
    let lastStart = bytes.count - MetadataFrames.frame(Self.records[7]).count
    for bit in 0..<lastStart * 8 {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard case .damaged = MetadataFrames.read(flipped).end else {
        Issue.record("bit \(bit) was not found")
        return
      }
    }
  }

  /// Goal: a file of a newer version is refused with that as the reason.
  @Test func `a record that is not known`() throws {
    let frame = MetadataFrames.frame(type: 900, version: 3, payload: [1, 2, 3])
    let content = MetadataFrames.read(MetadataFrames.frame(Self.records[0]) + frame)
    #expect(content.records == [Self.records[0]])
    guard case .damaged(let why) = content.end else {
      Issue.record("read as \(content.end)")
      return
    }
    #expect(why.contains("type 900, version 3"))
  }

  /// Goal: random bytes do no harm.
  @Test func `bytes that were never a log`() throws {
    try SeededProperty.holds { random in
      let content = MetadataFrames.read(random.bytes(count: 0...400))
      try SeededProperty.claim(content.records.isEmpty, "\(content)")
    }
  }
}
