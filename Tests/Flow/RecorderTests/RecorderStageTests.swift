import EventLog
import EventLoop
import LogContracts
import LogRecords
import MillraceDomain
import Postgres
import RealServers
import SimulationKit
import Testing

@testable import Recorder

@Suite(
  .enabled(if: RecorderHarness.isAvailable, "PostgreSQL or Apache Kafka is not installed"), .timeLimit(.minutes(5)))
struct RecorderStageTests {
  /// Appends the whole life of so many invocations and answers their ids.
  static func append(_ count: Int, seed: UInt64, to harness: RecorderHarness) async throws -> Set<InvocationID> {
    var generator = SeededGenerator(seed: seed)
    var ids: Set<InvocationID> = []
    for number in 0..<count {
      let sample = try SampleInvocation(
        &generator, partition: Int32(number) % harness.topics.partitions,
        atMilliseconds: RecorderOptions.wallClock().milliseconds)
      ids.insert(sample.id)
      try await harness.append(sample.task())
      try await harness.append(sample.output(phase: .whole))
      try await harness.append(sample.result())
      if number % 7 == 0 { try await harness.append(sample.result(status: .failed, payload: "again")) }
    }
    return ids
  }

  static func expectRecorded(_ ids: Set<InvocationID>, in harness: RecorderHarness) async throws {
    let rows = try await harness.query("SELECT id FROM millrace.invocations WHERE status = 'succeeded'")
    let recorded: [PostgresUUID] = try rows.map { try $0.value("id") }
    #expect(Set(recorded) == Set(ids.map { PostgresUUID($0) }))
    #expect(recorded.count == ids.count)
    let counts = try await harness.query(
      "SELECT (SELECT count(*) FROM millrace.attempts) AS attempts, (SELECT count(*) FROM millrace.log_lines) AS lines")
    #expect(try counts[0].value("attempts") == Int64(ids.count))
    #expect(try counts[0].value("lines") == Int64(ids.count))
  }

  @Test("every invocation on the log is recorded once, also by a recorder that starts later and one that goes on")
  func recorded() async throws {
    try await RecorderHarness.run { harness in
      let first = try await Self.append(200, seed: 1, to: harness)
      let (_, recorder) = try harness.start()
      try await harness.everythingIsRecorded()
      try await Self.expectRecorded(first, in: harness)
      recorder.cancel()
      try await recorder.value
      let second = try await Self.append(50, seed: 2, to: harness)
      let (_, next) = try harness.start()
      let third = try await Self.append(50, seed: 3, to: harness)
      try await harness.everythingIsRecorded()
      next.cancel()
      try await next.value
      try await Self.expectRecorded(first.union(second).union(third), in: harness)
    }
  }

  @Test("a recorder that is told to stop writes what it has read first")
  func draining() async throws {
    try await RecorderHarness.run(topics: .own(partitions: 1)) { harness in
      var received: Int64 = 0
      for round in 1...5 as ClosedRange<UInt64> {
        _ = try await Self.append(40, seed: round, to: harness)
        let (stage, recorder) = try harness.start()
        while stage.receivedCount == 0 { await Task.yield() }
        recorder.cancel()
        try await recorder.value
        received += Int64(stage.receivedCount)
        let rows = try await harness.query("SELECT sum(next_offset)::bigint AS recorded FROM millrace.consumed_offsets")
        #expect(try rows[0].value("recorded") == received)
      }
    }
  }

  @Test("a poison record goes to the dead letters with its true reason, and what is behind it is recorded")
  func poison() async throws {
    try await RecorderHarness.run(topics: .own(partitions: 1)) { harness in
      var generator = SeededGenerator(seed: 1)
      let sample = try SampleInvocation(&generator)
      try await harness.append(sample.task().with("ce_traceparent", "00-\0"))
      try await harness.append(
        OutgoingRecord(topic: "millrace.results", partition: 0, key: nil, value: [1], headers: .init()))
      let ids = try await Self.append(3, seed: 2, to: harness)
      let (_, recorder) = try harness.start()
      try await harness.everythingIsRecorded()
      // What the recorder has put on the dead letters meanwhile is recorded too.
      try await harness.everythingIsRecorded()
      recorder.cancel()
      try await recorder.value
      try await Self.expectRecorded(ids, in: harness)
      let letters = try await harness.query(
        "SELECT record_offset, reason_code, reason, invocation_id FROM millrace.dead_letters ORDER BY topic DESC")
      #expect(
        try letters.map { try $0.value("reason_code", as: String.self) } == ["bad_header", "missing_header"])
      #expect(try letters[0].value("reason", as: String.self).contains("NUL"))
      #expect(try letters[0].value("invocation_id") == PostgresUUID(sample.id))
      #expect(try letters.map { try $0.value("record_offset", as: Int64.self) } == [0, 0])
    }
  }

  @Test("of a task that breaks its contract the recorder keeps the executor's dead letter and sends none of its own")
  func malformedTask() async throws {
    try await RecorderHarness.run(topics: .own(partitions: 1)) { harness in
      var generator = SeededGenerator(seed: 1)
      let future = try SampleInvocation(&generator)
      let task = try future.task().with("ce_schemaversion", "99")
      try await harness.append(task)
      let ids = try await Self.append(3, seed: 2, to: harness)
      let (_, recorder) = try harness.start()
      try await harness.everythingIsRecorded()
      let refusal = ContractError(.unknownSchemaVersion, "said the executor")
      try await harness.append(
        DeadLetterRecord(of: task.consumed(), because: refusal).encoded(context: future.context))
      try await harness.everythingIsRecorded()
      recorder.cancel()
      try await recorder.value
      try await Self.expectRecorded(ids, in: harness)
      let letters = try await harness.query("SELECT invocation_id, reason FROM millrace.dead_letters")
      #expect(try letters.map { try $0.value("invocation_id") } == [PostgresUUID(future.id)])
      #expect(try letters.map { try $0.value("reason", as: String.self) } == ["said the executor"])
      let read = try await harness.query("SELECT topic, next_offset FROM millrace.consumed_offsets")
        .filter { try $0.value("topic", as: String.self) == harness.topics.deadLetters }
      #expect(try read.map { try $0.value("next_offset", as: Int64.self) } == [1])
    }
  }

  @Test("a record that the database refuses is found among its batch, and all others are recorded")
  func refusedByTheDatabase() async throws {
    try await RecorderHarness.run(topics: .own(partitions: 1)) { harness in
      let (session, _) = try await RecorderSession.open(harness.database, on: harness.loop)
      try await session.connection.query(
        "ALTER TABLE millrace.invocations ADD CONSTRAINT no_such CHECK (function <> 'refused')")
      await session.close()
      var generator = SeededGenerator(seed: 1)
      let refused = try SampleInvocation(&generator, function: "refused")
      let before = try await Self.append(20, seed: 2, to: harness)
      try await harness.append(refused.task())
      let after = try await Self.append(20, seed: 3, to: harness)
      let (_, recorder) = try harness.start()
      try await harness.everythingIsRecorded()
      try await harness.everythingIsRecorded()
      recorder.cancel()
      try await recorder.value
      try await Self.expectRecorded(before.union(after), in: harness)
      let letters = try await harness.query("SELECT record_offset, reason_code, reason FROM millrace.dead_letters")
      #expect(letters.count == 1)
      #expect(try letters[0].value("record_offset") == Int64(20))
      #expect(try letters[0].value("reason_code") == "unprocessable")
      #expect(try letters[0].value("reason", as: String.self).contains("no_such"))
    }
  }

  @Test("kill -9 of the database and abandoned recorders under load: everything is recorded once")
  func databaseIsKilled() async throws {
    let fixture = try await PostgresFixture.start()
    defer { fixture.stop() }
    try await RecorderHarness.run(url: fixture.url()) { harness in
      var (_, recorder) = try harness.start()
      var ids: Set<InvocationID> = []
      for round in 1...3 as ClosedRange<UInt64> {
        let work = Task(executorPreference: harness.loop.tasks) { try await Self.append(300, seed: round, to: harness) }
        try await fixture.kill()
        try await fixture.restart()
        recorder.cancel()
        try await recorder.value
        (_, recorder) = try harness.start()
        ids.formUnion(try await work.value)
      }
      try await harness.everythingIsRecorded()
      recorder.cancel()
      try await recorder.value
      try await Self.expectRecorded(ids, in: harness)
    }
  }

  @Test("two recorders share the shards, and one takes over what the other leaves")
  func twoRecorders() async throws {
    try await RecorderHarness.run(topics: .own(partitions: 4)) { harness in
      let (first, firstTask) = try harness.start("recorder-1")
      let (second, secondTask) = try harness.start("recorder-2")
      while first.owned.count > 3 || first.owned.count + second.owned.count < 5 { await Task.yield() }
      #expect(first.owned.isDisjoint(with: second.owned))
      let ids = try await Self.append(100, seed: 1, to: harness)
      try await harness.everythingIsRecorded()
      firstTask.cancel()
      try await firstTask.value
      while second.owned.count < 5 { await Task.yield() }
      let more = try await Self.append(100, seed: 2, to: harness)
      try await harness.everythingIsRecorded()
      secondTask.cancel()
      try await secondTask.value
      try await Self.expectRecorded(ids.union(more), in: harness)
    }
  }
}
