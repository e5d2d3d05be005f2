import KafkaWire
import PartitionLog
import SimulationKit
import Testing

@testable import EmbeddedBroker

struct TopicsMetadataLogTests {
  private func topic(_ number: Int, partitions: Int32 = 1) -> MetadataRecord {
    .topic(
      MetadataTopic(
        id: WireUUID(high: 0, low: UInt64(number)), name: "t\(number)", partitionCount: partitions, configs: [:]))
  }

  @Test func `what was added is there again`() throws {
    let folder = PowerCutDisk()
    let log = try MetadataLog(directory: "/", files: folder)
    #expect(log.image == MetadataImage())
    let records = [topic(1), topic(2), .configs(.broker, ["log.retention.ms": "1"]), .producerIDBlock(endID: 1000)]
    for record in records { try log.append(record) }
    #expect(try MetadataLog(directory: "/", files: folder).image == MetadataImage(records))
    try log.fold()
    try log.append(topic(3))
    let again = try MetadataLog(directory: "/", files: folder)
    #expect(again.image == MetadataImage(records + [topic(3)]))
    #expect(again.discardedByteCount == 0)
    #expect(Set(try folder.names(in: "/")) == ["metadata.log", "metadata.snapshot"])
  }

  /// Goal: whenever the power goes and whatever the disk makes of it, what was answered for is there, and of what was not at
  /// most the change that was being made.
  @Test func `power cuts at any call`() throws {
    try SeededProperty.holds(forSeeds: 400) { random in
      var folder = PowerCutDisk()
      var (kept, number) = (MetadataImage(), 0)
      for _ in 0..<6 {
        folder.cut(atCall: Int.random(in: 1...60, using: &random))
        var pending: MetadataRecord?
        do throws(MetadataError) {
          let log = try MetadataLog(directory: "/", files: folder)
          try check(log.image, kept)
          for _ in 0..<10 {
            if random.isOne(in: 3) { try log.fold() }
            let record = change(number, &random)
            number += 1
            pending = record
            try log.append(record)
            kept.fold(record)
            pending = nil
          }
        } catch {
          guard folder.isCut else { throw error }
        }
        folder = folder.afterPowerCut(&random)
        let found = try MetadataLog(directory: "/", files: folder).image
        if let pending, found != kept { kept.fold(pending) }
        try check(found, kept)
      }
    }
  }

  private func check(_ found: MetadataImage, _ kept: MetadataImage) throws(MetadataError) {
    guard found == kept else { throw MetadataError(.damaged, "found \(found), kept \(kept)") }
  }

  private func change(_ number: Int, _ random: inout SeededGenerator) -> MetadataRecord {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: topic(number)
    case 1: .deleteTopic(WireUUID(high: 0, low: UInt64(Int.random(in: 0...number, using: &random))))
    case 2: .producerIDBlock(endID: Int64(number) * 1000)
    case _: .configs(.everyBroker, ["log.retention.ms": "\(number)"])
    }
  }

  /// Goal: a full disk changes nothing, and once there is room it goes on.
  @Test func `a disk without room`() throws {
    let folder = PowerCutDisk()
    let log = try MetadataLog(directory: "/", files: folder)
    try log.append(topic(1))
    folder.refuseWrites(true)
    let refusal = #expect(throws: MetadataError.self) { try log.append(topic(2)) }
    #expect(refusal?.code == .refused)
    #expect(refusal?.isOutOfSpace == true)
    #expect(throws: MetadataError.self) { try log.fold() }
    folder.refuseWrites(false)
    try log.append(topic(3))
    try log.fold()
    #expect(try MetadataLog(directory: "/", files: folder).image == MetadataImage([topic(1), topic(3)]))
  }

  /// Goal: after a sync that failed nothing is written any more: what is on the disk is not known.
  @Test func `a sync that fails`() throws {
    let folder = PowerCutDisk()
    let log = try MetadataLog(directory: "/", files: folder)
    folder.cut(atCall: 2)
    #expect(throws: MetadataError.self) { try log.append(topic(1)) }
    folder.cut(atCall: .max)
    let refusal = #expect(throws: MetadataError.self) { try log.append(topic(2)) }
    #expect(refusal?.code == .unknown)
  }

  /// Goal: damage is refused with the place and what to do, and nothing is changed.
  @Test func `damage`() throws {
    let folder = PowerCutDisk()
    let log = try MetadataLog(directory: "/", files: folder)
    for number in 1...3 { try log.append(topic(number)) }
    let file = try folder.open("//metadata.log", .existing)
    try file.write([[0xff]], at: 20)
    let refusal = #expect(throws: MetadataError.self) { try MetadataLog(directory: "/", files: folder) }
    #expect(refusal?.code == .damaged)
    #expect(refusal?.message.hasPrefix("//metadata.log, byte 0: ") == true)
    #expect(refusal?.message.contains("Put the file back") == true)
    #expect(try file.byteCount() > 60)
  }

  /// Goal: a snapshot is whole or refused, wherever it was damaged, for it was synced before it got its name.
  @Test func `a damaged snapshot`() throws {
    let folder = PowerCutDisk()
    let log = try MetadataLog(directory: "/", files: folder)
    for number in 1...3 { try log.append(topic(number)) }
    try log.fold()
    let file = try folder.open("//metadata.snapshot", .existing)
    let bytes = try file.bytes(10_000, at: 0)
    for index in bytes.indices {
      try file.write([[bytes[index] ^ 0x10]], at: Int64(index))
      #expect(throws: MetadataError.self) { try MetadataLog(directory: "/", files: folder) }
      try file.write([[bytes[index]]], at: Int64(index))
    }
    for count in bytes.indices {
      try file.truncate(to: Int64(count))
      #expect(throws: MetadataError.self) { try MetadataLog(directory: "/", files: folder) }
      try file.write([bytes[...]], at: 0)
    }
    #expect(try MetadataLog(directory: "/", files: folder).image.topics.count == 3)
    try folder.remove("//metadata.log")
    #expect(throws: MetadataError.self) { try MetadataLog(directory: "/", files: folder) }
  }
}
