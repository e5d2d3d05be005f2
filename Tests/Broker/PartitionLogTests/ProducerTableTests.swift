import SimulationKit
import Testing

@testable import PartitionLog

struct ProducerTableTests {
  /// Goal: what is known of producers is the same behind a snapshot, whatever they have sent.
  @Test func `a snapshot tells what was known`() throws {
    try SeededProperty.holds(forSeeds: 100) { random in
      var table = ProducerTable()
      for _ in 0..<Int.random(in: 0...40, using: &random) { table.addRandom(&random) }
      let bytes = ProducerSnapshot.encode(table)
      try SeededProperty.claim(ProducerSnapshot.decode(bytes) == table, "\(bytes.count) bytes tell something else")
      try SeededProperty.claim(ProducerSnapshot.encode(table) == bytes, "the same is written in another way")
    }
  }

  /// Goal: a snapshot that is damaged in any bit, or cut anywhere, is none.
  @Test func `a damaged snapshot is none`() {
    var random = SeededGenerator(seed: 1)
    var table = ProducerTable()
    for _ in 0..<3 { table.addRandom(&random) }
    let bytes = ProducerSnapshot.encode(table)
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(ProducerSnapshot.decode(damaged) == nil, "bit \(bit)")
    }
    for count in 0..<bytes.count { #expect(ProducerSnapshot.decode(Array(bytes.prefix(count))) == nil, "\(count)") }
    #expect(ProducerSnapshot.decode(bytes + [0]) == nil)
  }

  /// Goal: a client that takes a new identifier for each batch does not fill the memory, and pushes out the silent ones first.
  @Test func `the number of producers is bounded`() {
    var table = ProducerTable()
    for number in 0..<LogLimits.producersPerPartition * 2 {
      table.add(
        .init(firstSequence: 0, lastSequence: 0, firstOffset: 0, lastOffset: 0, timestamp: Int64(number)),
        producerID: Int64(number), epoch: 0)
      #expect(table.producers.count <= LogLimits.producersPerPartition)
      #expect(table.state(of: Int64(number)) != nil)
    }
    let oldest = table.producers.values.map(\.lastTimestamp).min() ?? 0
    #expect(table.producers.values.allSatisfy { $0.lastTimestamp >= oldest })
    #expect(oldest >= Int64(LogLimits.producersPerPartition), "the silent ones have gone")
  }

  /// Goal (pitfall 15): a producer is forgotten after a day of record time; a clock that is set back forgets nobody.
  @Test func `pitfall 15: silent producers are forgotten by record time`() {
    var table = ProducerTable()
    table.add(
      .init(firstSequence: 0, lastSequence: 0, firstOffset: 0, lastOffset: 0, timestamp: 1_000), producerID: 1, epoch: 0
    )
    table.expire(nowMilliseconds: -5_000_000_000)
    table.expire(nowMilliseconds: 1_000 + LogLimits.producerExpiryMilliseconds - 1)
    #expect(table.state(of: 1) != nil)
    table.expire(nowMilliseconds: 1_000 + LogLimits.producerExpiryMilliseconds)
    #expect(table.state(of: 1) == nil)
  }
}

extension ProducerTable {
  fileprivate mutating func addRandom(_ random: inout SeededGenerator) {
    let (producer, epoch) = (Int64.random(in: 0...6, using: &random), Int16.random(in: 0...1, using: &random))
    if let known = state(of: producer), known.epoch > epoch { return }
    let (first, delta) = (Int32.random(in: 0 ... .max, using: &random), Int64.random(in: 0...9, using: &random))
    let offset = Int64.random(in: 0...1 << 40, using: &random)
    let time = max(state(of: producer)?.lastTimestamp ?? 0, Int64.random(in: 0...1 << 40, using: &random))
    add(
      ProducerState.Batch(
        firstSequence: first, lastSequence: Int32(truncatingIfNeeded: (Int64(first) + delta) & 0x7fff_ffff),
        firstOffset: offset, lastOffset: offset + delta, timestamp: time), producerID: producer, epoch: epoch)
  }
}
