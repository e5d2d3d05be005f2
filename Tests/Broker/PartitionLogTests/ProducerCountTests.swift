import KafkaWire
import SimulationKit
import Testing

@testable import PartitionLog

/// The bound on producers of all partitions together.
struct ProducerCountTests {
  /// Partitions in memory that count their producers together.
  private struct Scene {
    let files = PowerCutFiles()
    let count: ProducerCount
    var logs: [PartitionLog?]
    var now: Int64 = 1_700_000_000_000
    private var nextID: Int64 = 0

    init(partitions: Int, limit: Int) throws {
      count = ProducerCount(limit: limit)
      logs = Array(repeating: nil, count: partitions)
      try files.makeDirectory("/data")
      for index in logs.indices { try open(index, .unclean) }
    }

    mutating func open(_ index: Int, _ shutdown: PartitionLog.Shutdown) throws {
      let end = logs[index]?.logEndOffset ?? 0
      logs[index] = nil
      logs[index] = try PartitionLog(
        directory: "/data/t-\(index)", topicID: WireUUID(high: 1, low: 2), options: LogOptions(), files: files,
        cache: FileCache(files), producerCount: count,
        checkpointed: LogCheckpoint(recoveryPoint: shutdown == .clean ? end : 0, logStartOffset: 0), after: shutdown,
        nowMilliseconds: now)
    }

    /// A batch of a producer; of one that nobody knows where none is named. Answers whose it was.
    @discardableResult
    mutating func append(_ index: Int, producer: Int64? = nil, sequence: Int32 = 0) throws -> Int64 {
      let id = producer ?? nextID
      if producer == nil { nextID += 1 }
      now += 1
      var builder = RecordBatchBuilder()
      builder.producerID = id
      builder.producerEpoch = 0
      builder.baseSequence = sequence
      builder.append(key: nil, value: [1], timestamp: now)
      _ = try logs[index]?.append(builder.finish()[...], origin: .client, nowMilliseconds: now)
      return id
    }

    var known: Int { logs.reduce(0) { $0 + ($1?.knownProducerCount ?? 0) } }
  }

  @Test func `beyond the bound a partition forgets its own longest silent, and no other's`() throws {
    var scene = try Scene(partitions: 3, limit: 10)
    for _ in 0..<4 { try scene.append(0) }
    for _ in 0..<6 { try scene.append(1) }
    try scene.append(0, producer: 0, sequence: 1)
    #expect(scene.count.value == 10)
    let newest = try scene.append(0)
    #expect(scene.logs[0]?.activeProducers.map(\.id) == [0, 2, 3, newest], "1 was silent longest")
    #expect(scene.logs[1]?.knownProducerCount == 6 && scene.count.value == 10)
    // One that is known takes nobody's place, and one that has none takes one all the same.
    try scene.append(1, producer: 4, sequence: 1)
    try scene.append(2)
    #expect(scene.logs.map { $0?.knownProducerCount } == [4, 6, 1] && scene.count.value == 11)
    try scene.append(2)
    #expect(scene.logs[2]?.knownProducerCount == 1 && scene.count.value == 11)
    // A partition that is gone gives back what it had.
    scene.logs[1] = nil
    #expect(scene.count.value == 5)
    try scene.append(2)
    #expect(scene.logs[2]?.knownProducerCount == 2 && scene.count.value == 6)
  }

  @Test func `a partition that is opened with more than there may be forgets its longest silent`() throws {
    var scene = try Scene(partitions: 2, limit: 10)
    for _ in 0..<8 { try scene.append(0) }
    try scene.logs[0]?.close()
    scene.logs[0] = nil
    for _ in 0..<7 { try scene.append(1) }
    try scene.open(0, .unclean)
    #expect(scene.logs[0]?.activeProducers.map(\.id) == [5, 6, 7] && scene.count.value == 10)
  }

  /// Goal: whatever becomes of partitions, the count is the sum of what they know, and bounded; who has just written is known.
  @Test func `the count is the sum, through expiry, rolls, restarts and deletions`() throws {
    try SeededProperty.holds(forSeeds: 40) { random in
      let limit = Int.random(in: 5...30, using: &random)
      var scene = try Scene(partitions: 4, limit: limit)
      for step in 0..<150 {
        let index = Int.random(in: 0...3, using: &random)
        switch Int.random(in: 0...19, using: &random) {
        case 0: try scene.logs[index]?.roll(nowMilliseconds: scene.now)
        case 1: _ = try scene.logs[index]?.enforceRetention(nowMilliseconds: scene.now)
        case 2: scene.now += LogLimits.producerExpiryMilliseconds / 3
        case 3: try scene.open(index, .unclean)
        case 4:
          try scene.logs[index]?.close()
          try scene.open(index, .clean)
        case 5:
          scene.logs[index] = nil
          try scene.files.removeDirectory("/data/t-\(index)")
          try scene.open(index, .unclean)
        case 6: if let checkpoint = try scene.logs[index]?.checkpoint() { try checkpoint.perform() }
        case _:
          let id = try scene.append(index)
          try SeededProperty.claim(
            scene.logs[index]?.activeProducers.contains { $0.id == id } == true, "step \(step): \(id) is not known")
        }
        try SeededProperty.claim(
          scene.count.value == scene.known, "step \(step): \(scene.count.value) are counted, \(scene.known) known")
        try SeededProperty.claim(scene.known <= limit + 4, "step \(step): \(scene.known) of \(limit)")
      }
      scene.logs = []
      try SeededProperty.claim(scene.count.value == 0, "\(scene.count.value) are left over")
    }
  }
}
