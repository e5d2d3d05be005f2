import KafkaWire
import SimulationKit
import Testing

@testable import EmbeddedBroker

struct TopicsMetadataImageTests {
  private static func topic(_ number: UInt64, _ name: String, partitions: Int32 = 1) -> MetadataTopic {
    MetadataTopic(id: WireUUID(high: 0, low: number), name: name, partitionCount: partitions, configs: [:])
  }

  @Test func `a topic's life`() {
    var image = MetadataImage([.topic(Self.topic(1, "a")), .topic(Self.topic(2, "b"))])
    #expect(image.topic(named: "a")?.partitionCount == 1)
    image.fold(.topic(Self.topic(1, "a", partitions: 5)))
    image.fold(.configs(.topic(WireUUID(high: 0, low: 1)), ["retention.ms": "1"]))
    #expect(image.topic(named: "a")?.partitionCount == 5)
    #expect(image.topic(named: "a")?.configs == ["retention.ms": "1"])
    image.fold(.deleteTopic(WireUUID(high: 0, low: 1)))
    #expect(image.topic(named: "a") == nil)
    #expect(image.deleted == [WireUUID(high: 0, low: 1)])
    image.fold(.topic(Self.topic(3, "a")))
    #expect(image.topic(named: "a")?.id == WireUUID(high: 0, low: 3))
    image.forgetDeleted(WireUUID(high: 0, low: 1))
    #expect(image.deleted.isEmpty)
  }

  /// Goal: producer ids never come back, not even where an old record is read again.
  @Test func `producer ids only grow`() {
    var image = MetadataImage([.producerIDBlock(endID: 3000), .producerIDBlock(endID: 2000)])
    #expect(image.nextProducerID == 3000)
    image.fold(.producerIDBlock(endID: 4000))
    #expect(image.nextProducerID == 4000)
  }

  /// Goal: a snapshot comes to the image it was made of, also where the log that it was made of is read once more on top:
  /// the machine may stop between writing the one and emptying the other.
  @Test func `a snapshot and its log`() throws {
    try SeededProperty.holds { random in
      let records = Self.history(&random)
      let cut = Int.random(in: 0...records.count, using: &random)
      var image = MetadataImage(records[..<cut])
      let older = image.snapshot
      records[cut...].forEach { image.fold($0) }
      try SeededProperty.claim(MetadataImage(image.snapshot) == image, "snapshot")
      let again = MetadataImage(image.snapshot + records[cut...])
      try SeededProperty.claim(again == image, "log read twice")
      try SeededProperty.claim(MetadataImage(older + records[cut...]) == image, "older snapshot")
    }
  }

  private static func history(_ random: inout SeededGenerator) -> [MetadataRecord] {
    var records: [MetadataRecord] = []
    var living: [MetadataTopic] = []
    for number in 0..<UInt64.random(in: 1...40, using: &random) {
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        living.append(topic(number, "t\(number)"))
        records.append(.topic(living[living.count - 1]))
      case 2 where !living.isEmpty:
        records.append(.deleteTopic(living.removeLast().id))
      case 3 where !living.isEmpty:
        records.append(.configs(.topic(living[0].id), ["retention.ms": "\(number)"]))
      case 4:
        records.append(.configs(random.isOne(in: 2) ? .broker : .everyBroker, ["log.retention.ms": "\(number)"]))
      case _:
        records.append(.producerIDBlock(endID: Int64(number) * 1000))
      }
    }
    return records
  }
}
