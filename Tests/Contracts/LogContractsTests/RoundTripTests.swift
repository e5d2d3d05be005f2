import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit
import Testing

/// Whatever a record says, its reader reads.
@Suite struct RoundTripTests {
  private func read(_ record: OutgoingRecord, partition: Int32 = 0) -> ConsumedRecord {
    ConsumedRecord(
      position: RecordPosition(TopicPartition(record.topic, record.partition ?? partition), offset: 3),
      timestampMilliseconds: 9, key: record.key, value: record.value, headers: record.headers)
  }

  private func holds(_ property: (inout RandomRecords) throws -> Void) throws {
    try SeededProperty.holds(forSeeds: 300) { generator in
      var random = RandomRecords(generator: generator.split())
      try property(&random)
    }
  }

  @Test("property: tasks")
  func tasks() throws {
    try holds { random in
      let task = try random.task()
      let record = task.encoded(partition: random.optional { _ in 5 })
      try SeededProperty.claim(try TaskRecord(decoding: read(record)) == task, "\(task)")
      try SeededProperty.claim(record.key?.isEmpty == task.orderingKey?.isEmpty ?? false, "a task has a key: \(task)")
    }
  }

  @Test("property: outcomes, as results and as replies, and neither is taken for the other")
  func outcomes() throws {
    try holds { random in
      let outcome = try random.outcome()
      let result = read(outcome.encodedResult(taskPartition: 5, context: random.context()))
      let address = TaskRecord.Reply(gateway: try random.component(), partition: 2)
      let reply = read(outcome.encodedReply(to: address, context: random.context()))
      try SeededProperty.claim(try AttemptOutcome(decodingResult: result) == outcome, "result \(outcome)")
      try SeededProperty.claim(try AttemptOutcome(decodingReply: reply) == outcome, "reply \(outcome)")
      try SeededProperty.claim((try? AttemptOutcome(decodingReply: result)) == nil, "a result read as a reply")
      try SeededProperty.claim(result.position.partition.partition == 5, "a result stands with its task")
      try SeededProperty.claim(reply.position.partition.partition == 2, "a reply goes to who waits")
    }
  }

  @Test("property: output")
  func output() throws {
    try holds { random in
      let output = try random.output()
      let record = read(output.encoded(taskPartition: 5, context: random.context()))
      try SeededProperty.claim(try OutputRecord(decoding: record) == output, "\(output)")
      try SeededProperty.claim(record.position.partition.partition == 5, "output stands with its task")
    }
  }

  @Test("property: submissions")
  func submissions() throws {
    try holds { random in
      let submission = try random.submission()
      let record = read(submission.encoded(context: random.context()))
      try SeededProperty.claim(try SubmissionRecord(decoding: record) == submission, "\(submission)")
    }
  }

  @Test("property: chunks of code")
  func chunks() throws {
    try holds { random in
      let digest = try CodeDigest(bytes: random.generator.bytes(count: 32...32))
      let count = Int32.random(in: 1...9, using: &random.generator)
      let chunk = CodeChunkRecord(
        digest: digest, chunk: .random(in: 0..<count, using: &random.generator), chunkCount: count,
        bytes: random.generator.bytes(count: 0...50))
      let record = read(chunk.encoded(partition: 0, context: random.context()))
      try SeededProperty.claim(try CodeChunkRecord(decoding: record) == chunk, "\(chunk)")
      try SeededProperty.claim(record.key == Array("\(digest)/\(chunk.chunk)".utf8), "the key of \(chunk)")
    }
  }

  @Test("property: changes of the catalogue, and the same change has the same bytes")
  func changes() throws {
    try holds { random in
      let count = Int64.random(in: 1...3, using: &random.generator)
      let change = CatalogueChangeRecord(
        index: CatalogueIndex(UInt64.random(in: 1...UInt64(Int64.max), using: &random.generator)),
        position: .random(in: 0..<count, using: &random.generator), count: count, change: try random.change())
      let context = random.context()
      let record = change.encoded(context: context)
      try SeededProperty.claim(try CatalogueChangeRecord(decoding: read(record)) == change, "\(change)")
      try SeededProperty.claim(change.encoded(context: context) == record, "\(change) in other bytes")
      try SeededProperty.claim(change.isLastOfIndex == (change.position + 1 == count), "\(change) as the last")
    }
  }

  @Test("property: executors")
  func executors() throws {
    try holds { random in
      let executor = try random.executor()
      let record = read(executor.encoded(context: random.context()))
      try SeededProperty.claim(try ExecutorRecord(decoding: record) == executor, "\(executor)")
    }
  }
}
