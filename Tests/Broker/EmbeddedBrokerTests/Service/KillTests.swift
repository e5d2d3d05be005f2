import KafkaWire
import RealServers
import Streams
import Testing

/// The built program, killed at any moment: what it has acknowledged is there when it is back.
@Suite("A killed broker", .serialized, .enabled(if: BrokerFixture.isAvailable, "the program is not built"))
struct KillTests {
  @Test("Killed again and again, it keeps every acknowledged batch, once and in order, and knows its producers")
  func kills() async throws {
    let broker = try await BrokerFixture.start()
    defer { broker.stop() }
    let address = try #require(StreamAddress(broker.bootstrapServers))
    try WireClient(address).make("t", partitions: 4)
    var sequences = [Int32](repeating: 0, count: 4)
    for round in 0..<4 {
      let client = WireClient(address)
      for _ in 0..<25 {
        for partition in 0..<4 {
          let answer = try client.produce(batch(sequences[partition]), to: "t", Int32(partition))
          #expect(answer.errorCode == .none, "round \(round)")
          #expect(answer.baseOffset == Int64(sequences[partition]))
          sequences[partition] += 1
        }
      }
      // One that is not waited for: it may be there afterwards or not, but never half.
      try client.post(WireClient.produceRequest(batch(sequences[0]), to: "t", 0), version: 7)
      try await broker.kill()
      try await broker.resume()
      // What was sent before is known by its number, whether it had been acknowledged or not.
      let repeated = try WireClient(address).produce(batch(sequences[0]), to: "t", 0)
      #expect(repeated.baseOffset == Int64(sequences[0]))
      sequences[0] += 1
    }
    for partition in 0..<4 {
      let data = try WireClient(address).fetch("t", Int32(partition), maxBytes: 10 << 20)
      #expect(try data.batchOffsets == (0..<sequences[partition]).map { Int64($0) })
    }
    #expect(try await broker.terminate() == 0)
  }

  private func batch(_ sequence: Int32) -> [UInt8] {
    WireClient.batch([[UInt8](repeating: 0x62, count: 2000)]) {
      $0.producerID = 77
      $0.producerEpoch = 0
      $0.baseSequence = sequence
    }
  }
}
