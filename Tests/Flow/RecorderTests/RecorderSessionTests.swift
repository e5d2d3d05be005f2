import EventLoop
import LogContracts
import LogRecords
import MillraceDomain
import Postgres
import RealServers
import SimulationKit
import Testing

@testable import Recorder

@Suite(.enabled(if: PostgresFixture.isAvailable, "PostgreSQL is not installed"))
struct RecorderSessionTests {
  private let tasks = TopicPartition("millrace.tasks", 0)

  private func withSession(
    _ body: @escaping @Sendable (RecorderSession, String, EventLoop) async throws -> Void
  ) async throws {
    let url = try await PostgresFixture.shared().createDatabase()
    let loop = try recorderLoop.get()
    try await Task(executorPreference: loop.tasks) {
      let (session, _) = try await RecorderSession.open(PostgresOptions(url: url), on: loop)
      try await body(session, url, loop)
      await session.close()
    }.value
  }

  private func batch(_ entries: some Sequence<FactStreams.Entry>) -> RecorderBatch {
    var batch = RecorderBatch()
    for entry in entries { batch.append([entry.record], from: entry.source) }
    return batch
  }

  /// Writes without minding offsets, as whoever reads something again after a crash.
  private func write(_ batch: RecorderBatch, _ session: RecorderSession) async throws {
    let partitions = Array(batch.nextOffsets.keys)
    let fenced = try await session.write(
      batch, expected: try await session.offsets(of: partitions), path: .staged)
    #expect(fenced.isEmpty)
  }

  @Test("tables are the same after any interleaving, repetition and cutting into batches as after none")
  func tablesAreTheSame() async throws {
    try await withSession { session, _, _ in
      try await SeededProperty.holds(forSeeds: 25) { generator in
        let streams = try FactStreams(&generator)
        try await Self.clear(session)
        try await self.write(self.batch(streams.inOrder()), session)
        let plain = try await Self.tables(session)
        try await Self.clear(session)
        var mixed = streams.interleaved(&generator)[...]
        while !mixed.isEmpty {
          let count = Int.random(in: 1...8, using: &generator)
          try await self.write(self.batch(mixed.prefix(count)), session)
          mixed = mixed.dropFirst(count)
        }
        let again = try await Self.tables(session)
        try SeededProperty.claim(plain == again, "\(plain) and \(again)")
      }
    }
  }

  private static func clear(_ session: RecorderSession) async throws {
    try await session.connection.query(
      "TRUNCATE millrace.invocations, millrace.attempts, millrace.log_lines, millrace.dead_letters, millrace.consumed_offsets"
    )
  }

  private static func tables(_ session: RecorderSession) async throws -> [String] {
    let rows = try await session.connection.query(
      """
      SELECT 'i' || to_jsonb(i)::text AS t FROM millrace.invocations i UNION ALL
      SELECT 'a' || to_jsonb(a)::text FROM millrace.attempts a UNION ALL
      SELECT 'l' || to_jsonb(l)::text FROM millrace.log_lines l UNION ALL
      SELECT 'd' || to_jsonb(d)::text FROM millrace.dead_letters d ORDER BY 1
      """)
    return try rows.map { try $0.value("t") }
  }

  @Test("an invocation is accepted, then running, then what its newest attempt came to")
  func states() async throws {
    try await withSession { session, _, _ in
      var generator = SeededGenerator(seed: 4)
      let sample = try SampleInvocation(&generator)
      func status(after record: OutgoingRecord, _ source: RecorderSource, offset: Int64 = 0) async throws -> String {
        try await self.write(self.batch([(record.consumed(offset: offset), source)]), session)
        let rows = try await session.connection.query(
          "SELECT status || ' ' || attempts AS state FROM millrace.invocations WHERE id = $1",
          .value(PostgresUUID(sample.id)))
        return try rows[0].value("state")
      }
      try await #expect(status(after: sample.task(), .tasks) == "accepted 1")
      try await #expect(status(after: sample.output(), .logs) == "running 1")
      try await #expect(status(after: sample.result(status: .timedOut), .results) == "timed_out 1")
      try await #expect(status(after: sample.result(status: .failed), .results, offset: 1) == "timed_out 1")
      try await #expect(status(after: sample.task(attempt: 2), .tasks, offset: 1) == "accepted 2")
      try await #expect(status(after: sample.result(attempt: 2), .results, offset: 2) == "succeeded 2")
      let rows = try await session.connection.query("SELECT attempt, status FROM analytics.attempts ORDER BY 1")
      #expect(try rows.map { try $0.value("status", as: String.self) } == ["timed_out", "succeeded"])
    }
  }

  @Test("a recorder that believes in another offset writes nothing of that partition")
  func fencing() async throws {
    try await withSession { session, url, loop in
      var generator = SeededGenerator(seed: 5)
      let (first, second) = (try SampleInvocation(&generator), try SampleInvocation(&generator))
      let (other, _) = try await RecorderSession.open(PostgresOptions(url: url), on: loop)
      let expected = try await session.offsets(of: [self.tasks])
      #expect(expected == [self.tasks: 0])
      try await #expect(other.offsets(of: [self.tasks]) == expected)
      try await #expect(
        session.write(self.batch([(first.task().consumed(), .tasks)]), expected: expected, path: .direct).isEmpty)
      let late = try await other.write(
        self.batch([(second.task().consumed(), .tasks)]), expected: expected, path: .direct)
      #expect(late == [self.tasks])
      try await #expect(other.offsets(of: [self.tasks]) == [self.tasks: 1])
      let rows = try await session.connection.query("SELECT id FROM millrace.invocations")
      #expect(try rows.map { try $0.value("id", as: PostgresUUID.self) } == [PostgresUUID(first.id)])
      await other.close()
    }
  }

  @Test("a shard belongs to one recorder, and to the next as soon as that one is gone")
  func shardLocks() async throws {
    try await withSession { session, url, loop in
      let shard = RecorderShard.all(of: RecorderOptions.Topics())[3]
      let (other, _) = try await RecorderSession.open(PostgresOptions(url: url), on: loop)
      try await #expect(session.memberCount() == 2)
      try await #expect(session.take(shard))
      try await #expect(!other.take(shard))
      try await session.give(shard)
      try await #expect(other.take(shard))
      await other.close()
      while try await session.memberCount() > 1 { await Task.yield() }
      try await #expect(session.take(shard))
    }
  }

  @Test("rows lie in the partition of their id's month, also those that came before it was made")
  func months() async throws {
    try await withSession { session, _, _ in
      var generator = SeededGenerator(seed: 6)
      let november = Timestamp(milliseconds: 1_764_036_168_123)
      let early = try SampleInvocation(&generator)
      let far = try SampleInvocation(&generator, atMilliseconds: 100_000_000_000_000)
      try await self.write(
        self.batch([
          (early.task().consumed(), .tasks), (far.task().consumed(offset: 1), .tasks),
          (early.result().consumed(), .results),
        ]), session)
      try await #expect(session.makeMonths(at: november) == 9)
      try await #expect(session.makeMonths(at: november) == 0)
      let december = try SampleInvocation(&generator, atMilliseconds: 1_764_547_200_000)
      try await self.write(
        self.batch([(december.task().consumed(offset: 2), .tasks), (early.output().consumed(), .logs)]), session)
      let rows = try await session.connection.query(
        """
        SELECT relname::text AS place FROM millrace.invocations i JOIN pg_class c ON c.oid = i.tableoid UNION ALL
        SELECT relname::text FROM millrace.attempts a JOIN pg_class c ON c.oid = a.tableoid UNION ALL
        SELECT relname::text FROM millrace.log_lines l JOIN pg_class c ON c.oid = l.tableoid ORDER BY 1
        """)
      let places: [String] = try rows.map { try $0.value("place") }
      #expect(
        places == [
          "attempts_2025_11", "invocations_2025_11", "invocations_2025_12", "invocations_default", "log_lines_2025_11",
        ])
      let status = try await session.connection.query(
        "SELECT status FROM millrace.invocations WHERE id = $1", .value(PostgresUUID(early.id)))
      #expect(try status[0].value("status") == "succeeded")
    }
  }

  @Test("analysts read the views, whose first columns scripts rely on, and nothing else")
  func analysts() async throws {
    try await withSession { session, _, _ in
      var generator = SeededGenerator(seed: 7)
      let sample = try SampleInvocation(&generator)
      try await self.write(
        self.batch([
          (sample.task().consumed(), .tasks), (sample.result().consumed(), .results),
          (sample.output(text: Array("one\n\ntwo\n".utf8)).consumed(), .logs),
          (sample.output(sequence: 1, phase: .end, text: [0xff, 0x00, 0x0a]).consumed(offset: 1), .logs),
        ]), session)
      try await session.connection.query("SET ROLE millrace_analyst")
      for (view, rows) in [
        ("invocations", try await session.connection.query("SELECT * FROM analytics.invocations")),
        ("attempts", try await session.connection.query("SELECT * FROM analytics.attempts")),
      ] {
        #expect(rows.count == 1, "\(view)")
        #expect(try rows[0].value(at: 1) == "hello")
        #expect(try rows[0].value(at: 2) == Int32(3))
        #expect(try rows[0].value(at: 3) == "succeeded")
        #expect(try rows[0].value(at: 4) == Int32(1))
        #expect(try rows[0].value(at: 8) == Int64(12))
        #expect(try rows[0].value(at: 9) == Int64(42))
      }
      let columns = try await session.connection.query(
        """
        SELECT string_agg(attname, ',' ORDER BY attnum) AS names FROM pg_attribute
        WHERE attrelid IN ('analytics.invocations'::regclass, 'analytics.attempts'::regclass) AND attnum BETWEEN 1 AND 10
        GROUP BY attrelid
        """)
      let names =
        "invocation_id,function,version,status,attempt,submitted_at,finished_at,duration_ms,billed_ms,max_memory_mib"
      #expect(try columns.map { try $0.value("names", as: String.self) } == [names, names])
      let lines = try await session.connection.query(
        "SELECT sequence, line, text FROM analytics.log_lines ORDER BY sequence, line")
      #expect(try lines.map { try $0.value("text", as: String.self) } == ["one", "", "two", "\\377\\000"])
      await #expect(throws: PostgresError.self) {
        try await session.connection.query("SELECT id FROM millrace.invocations")
      }
    }
  }
}

let recorderLoop = Swift.Result { try LoopThread.startLoop(name: "recorder-test") }
