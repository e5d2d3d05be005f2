import KafkaWire
import Testing

@testable import EmbeddedBroker

/// ListOffsets over loopback: both ends, the latest time, and the first record from a time on.
@Suite("ListOffsets", .serialized) struct ListOffsetsTests {
  /// The time of the record with an offset: a second between two. That of the sixth is the latest of all.
  private static func time(_ offset: Int, from start: Int64) -> Int64 {
    offset == 5 ? start + 60_000 : start + Int64(offset) * 1000
  }

  /// Twelve records of as many times in six batches, two of which fill a segment.
  private func fill(_ client: WireClient, _ start: Int64) throws {
    try client.make("t", configs: ["segment.bytes": "1048576"])
    for batch in 0..<6 {
      let value = [UInt8](repeating: 0x61, count: 220_000)
      let times = [2 * batch, 2 * batch + 1].map { Self.time($0, from: start) }
      _ = try client.produce(WireClient.batch([value, value], at: times), to: "t")
    }
  }

  @Test("The ends have offsets and no times, the latest time has both; other questions are refused")
  func ends() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    let start = WireClient.now - 3_600_000
    try fill(client, start)
    for version: Int16 in 1...7 {
      let (latest, earliest) = (
        try client.listOffsets("t", at: -1, version: version), try client.listOffsets("t", at: -2, version: version)
      )
      #expect([latest.offset, latest.timestamp] == [12, -1])
      #expect([earliest.offset, earliest.timestamp] == [0, -1])
      if version >= 4 { #expect(latest.leaderEpoch == 0 && earliest.leaderEpoch == 0) }
    }
    let newest = try client.listOffsets("t", at: -3)
    #expect([newest.offset, newest.timestamp] == [5, start + 60_000])
    // Older clients do not know the question, and it is none of theirs.
    for (question, version) in [(Int64(-3), Int16(6)), (-4, 7), (-5, 7), (.min, 7)] {
      let answer = try client.listOffsets("t", at: question, version: version)
      #expect(answer.errorCode == .unsupportedVersion)
      #expect([answer.offset, answer.timestamp] == [-1, -1])
    }
    await broker.end()
  }

  @Test("A time is answered with the first record that is as late, over all segments, and beyond the last with none")
  func times() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    let start = WireClient.now - 3_600_000
    try fill(client, start)
    for offset in 0..<5 {
      for early: Int64 in [0, 1, 999] where offset > 0 || early == 0 {
        let answer = try client.listOffsets("t", at: Self.time(offset, from: start) - early)
        #expect([answer.offset, answer.timestamp] == [Int64(offset), Self.time(offset, from: start)])
      }
    }
    #expect(try client.listOffsets("t", at: 0).offset == 0)
    // The sixth record stands before the seventh and is later.
    for offset in 5..<12 {
      #expect(try client.listOffsets("t", at: Self.time(offset, from: start)).offset == 5)
    }
    for late in [start + 60_001, .max] {
      let answer = try client.listOffsets("t", at: late)
      #expect(answer.errorCode == .none)
      #expect([answer.offset, answer.timestamp] == [-1, -1])
    }
    await broker.end()
  }

  @Test("Records that were deleted are found no more, nor before a restart nor after")
  func deletedRecords() async throws {
    let broker = try await BrokerScene.start()
    let start = WireClient.now - 3_600_000
    try fill(broker.client(), start)
    #expect(try broker.client().deleteRecords("t", before: 7) == 7)
    func check(_ client: WireClient) throws {
      #expect(try client.listOffsets("t", at: -2).offset == 7)
      for time in [0, start, start + 7000] {
        let answer = try client.listOffsets("t", at: time)
        #expect([answer.offset, answer.timestamp] == [7, start + 7000])
      }
      let newest = try client.listOffsets("t", at: -3)
      #expect([newest.offset, newest.timestamp] == [11, start + 11_000])
    }
    try check(broker.client())
    await broker.stop()
    let again = try await BrokerScene.start(in: broker.directory)
    try check(again.client())
    #expect(try again.client().deleteRecords("t", before: 12) == 12)
    #expect(try again.client().listOffsets("t", at: 0).offset == -1)
    #expect(try again.client().listOffsets("t", at: -3).offset == -1)
    await again.end()
  }

  @Test("A compressed batch is found as a whole: it is not unpacked")
  func compressedBatch() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    let start = WireClient.now - 3_600_000
    for batch in 0..<2 {
      let times = (0..<3).map { start + Int64(batch * 3 + $0) * 1000 }
      let records = WireClient.batch([[1], [2], [3]], at: times) { $0.attributes = 1 }
      #expect(try client.produce(records, to: "t").errorCode == .none)
    }
    #expect(try client.listOffsets("t", at: start + 2000).offset == 0)
    #expect(try client.listOffsets("t", at: start + 2001).offset == 3)
    #expect(try client.listOffsets("t", at: start + 4000).offset == 3)
    await broker.end()
  }

  @Test("An empty partition has ends and no times; what is not there, and another epoch, are errors")
  func errors() async throws {
    let broker = try await BrokerScene.start()
    let client = broker.client()
    try client.make("t")
    #expect(try client.listOffsets("t", at: -1).offset == 0)
    #expect(try client.listOffsets("t", at: -2).offset == 0)
    for time: Int64 in [-3, 0, .max] {
      let answer = try client.listOffsets("t", at: time)
      #expect(answer.errorCode == .none && answer.offset == -1 && answer.leaderEpoch == -1)
    }
    #expect(try client.listOffsets("none", at: -1).errorCode == .unknownTopicOrPartition)
    for partition in [1, -1, .max] as [Int32] {
      #expect(try client.listOffsets("t", partition, at: -1).errorCode == .unknownTopicOrPartition)
    }
    #expect(try client.listOffsets("t", at: -1, currentEpoch: 0).errorCode == .none)
    #expect(try client.listOffsets("t", at: -1, currentEpoch: 1).errorCode == .unknownLeaderEpoch)
    await broker.end()
  }
}
