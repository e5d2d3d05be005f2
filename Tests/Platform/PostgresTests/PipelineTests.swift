import EventLoop
import Postgres
import RealServers
import Testing

@Suite(.enabled(if: PostgresFixture.isAvailable, "PostgreSQL is not installed"))
struct PipelineTests {
  @Test("statements of many callers share one connection and each gets its own answer")
  func manyCallers() async throws {
    try await withConnection { connection in
      try await withThrowingTaskGroup(of: (Int64, Int64).self) { group in
        for number in 0..<500 as Range<Int64> {
          group.addTask {
            (number, try await connection.query("SELECT $1 * 2 AS twice", .value(number))[0].value("twice"))
          }
        }
        for try await (number, twice) in group { #expect(twice == 2 * number) }
      }
    }
  }

  @Test("a pipeline answers each statement in order, and is one transaction")
  func pipelineIsAtomic() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE numbers (n bigint PRIMARY KEY)")
      let answers = try await connection.pipeline([
        PostgresCommand("INSERT INTO numbers VALUES ($1)", .value(Int64(1))),
        PostgresCommand("INSERT INTO numbers SELECT * FROM generate_series(2, 10)"),
        PostgresCommand("SELECT count(*) AS n FROM numbers"),
      ])
      #expect(answers.map(\.affectedCount) == [1, 9, 1])
      #expect(try answers[2][0].value("n", as: Int64.self) == 10)
      let refused = await failure {
        try await connection.pipeline([
          PostgresCommand("INSERT INTO numbers VALUES ($1)", .value(Int64(11))),
          PostgresCommand("INSERT INTO numbers VALUES ($1)", .value(Int64(1))),
          PostgresCommand("INSERT INTO numbers VALUES ($1)", .value(Int64(12))),
        ])
      }
      #expect(refused?.sqlState == "23505")
      try await #expect(connection.query("SELECT count(*) AS n FROM numbers")[0].value("n", as: Int64.self) == 10)
    }
  }

  @Test("answers far larger than a socket's buffer arrive while more statements are sent")
  func largeAnswers() async throws {
    try await withConnection { connection in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let sent = [UInt8](repeating: 7, count: 3_000_000)
            return try await connection.query("SELECT $1 AS raw", .bytes(sent))[0].bytes("raw").count
          }
        }
        for try await count in group { #expect(count == 3_000_000) }
      }
    }
  }

  @Test("a transaction is whole: committed when its body returns, nothing of it when it throws")
  func transactions() async throws {
    struct Refusal: Error {}
    try await withConnection { connection in
      try await connection.query("CREATE TABLE ledger (n bigint)")
      await #expect(throws: Refusal.self) {
        try await connection.withTransaction { transaction in
          try await transaction.query("INSERT INTO ledger VALUES (1)")
          throw Refusal()
        }
      }
      let count = try await connection.withTransaction { transaction in
        try await transaction.query("INSERT INTO ledger VALUES (2)")
        return try await transaction.query("SELECT n FROM ledger").count
      }
      #expect(count == 1)
      try await #expect(connection.query("SELECT n FROM ledger")[0].value("n", as: Int64.self) == 2)
    }
  }

  @Test("a transaction in which a statement failed is never reported as committed")
  func swallowedFailure() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE ledger (n bigint)")
      let refused = await failure {
        try await connection.withTransaction { transaction in
          try await transaction.query("INSERT INTO ledger VALUES (1)")
          _ = try? await transaction.query("SELECT 1/0")
        }
      }
      #expect(refused?.code == .server)
      try await #expect(connection.query("SELECT n FROM ledger").isEmpty)
    }
  }

  @Test("nobody else's statement gets into an open transaction")
  func transactionIsExclusive() async throws {
    try await withConnection { connection in
      try await connection.withTransaction { transaction in
        #expect(await failure { try await connection.query("SELECT 1") }?.code == .connectionBusy)
        #expect(await failure { try await connection.withTransaction { _ in } }?.code == .connectionBusy)
        try await transaction.query("SELECT 1")
      }
      try await connection.query("SELECT 1")
    }
  }

  @Test("cancelling the task cancels its statement, not the one of somebody else behind it")
  func cancelling() async throws {
    try await withConnection { connection in
      let endless = Task { try await connection.query("SELECT pg_sleep(3600)") }
      let waiting = Task { try await connection.query("SELECT 7 AS seven") }
      // The endless statement has reached the server when it says so itself.
      try await withOtherConnection(of: connection) { other, processID in
        var isRunning = false
        while !isRunning {
          let rows = try await other.query(
            "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", .value(processID))
          isRunning = !rows.isEmpty
        }
      }
      endless.cancel()
      #expect(await failure { try await endless.value }?.code == .cancelled)
      try await #expect(waiting.value[0].value("seven", as: Int32.self) == 7)
      let cancelledBefore = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        return try await connection.query("SELECT pg_sleep(3600)")
      }
      #expect(await failure { try await cancelledBefore.value }?.code == .cancelled)
      try await connection.query("SELECT 1")
    }
  }

  private func withOtherConnection(
    of connection: PostgresConnection, _ body: (PostgresConnection, Int32) async throws -> Void
  ) async throws {
    let fixture = try await PostgresFixture.shared()
    let other = try await PostgresConnection.connect(PostgresOptions(url: fixture.url()), on: connection.loop)
    try await body(other, connection.processID())
    await other.close()
  }
}
