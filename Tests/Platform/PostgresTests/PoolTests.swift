import EventLoop
import Postgres
import RealServers
import Synchronization
import Testing

private final class Acknowledged: Sendable {
  let numbers = Mutex<Set<Int64>>([])
}

@Suite(.enabled(if: PostgresFixture.isAvailable, "PostgreSQL is not installed"))
struct PoolTests {
  private func options(_ url: String, connections: Int = 4, waiters: Int = 100) -> PostgresPoolOptions {
    PostgresPoolOptions(
      connection: PostgresOptions(url: url), connectionLimit: connections, waiterLimit: waiters,
      backOff: BackOff(first: .milliseconds(5), longest: .milliseconds(50)))
  }

  @Test("connections are shared up to the limit and never beyond it")
  func limit() async throws {
    try await withDatabase { url, loop in
      let pool = PostgresPool(self.options(url), on: loop)
      try await withThrowingTaskGroup(of: Int32.self) { group in
        for _ in 0..<100 {
          group.addTask {
            try await pool.withConnection { connection in
              try await connection.query("SELECT pg_sleep(0.001)")
              return try await connection.processID()
            }
          }
        }
        var sessions: Set<Int32> = []
        for try await session in group { sessions.insert(session) }
        #expect(!sessions.isEmpty && sessions.count <= 4)
      }
      let health = await pool.health
      #expect(health.open <= 4 && health.idle == health.open && health.waiting == 0 && health.failures == 0)
      await pool.close()
      #expect(await failure { try await pool.query("SELECT 1") }?.code == .closed)
    }
  }

  @Test("a caller too many is refused, and so is one that waits too long")
  func waitersAreBounded() async throws {
    try await withDatabase { url, loop in
      let pool = PostgresPool(self.options(url, connections: 1, waiters: 1), on: loop)
      let waiting = try await pool.withConnection { _ in
        let waiting = Task { try await pool.query("SELECT 1").count }
        while await pool.health.waiting == 0 { await Task.yield() }
        #expect(await failure { try await pool.query("SELECT 1") }?.code == .poolExhausted)
        return waiting
      }
      try await #expect(waiting.value == 1)
      await pool.close()
      var away = self.options("host=/nowhere dbname=x user=y")
      away.waitLimit = .milliseconds(20)
      let absent = PostgresPool(away, on: loop)
      #expect(await failure { try await absent.query("SELECT 1") }?.code == .poolExhausted)
      await absent.close()
    }
  }

  @Test("a connection left in a transaction or killed is not lent again")
  func brokenConnectionsAreReplaced() async throws {
    try await withDatabase { url, loop in
      let pool = PostgresPool(self.options(url, connections: 1), on: loop)
      let first = try await pool.withConnection { connection in
        try await connection.query("BEGIN")
        return try await connection.processID()
      }
      let second = try await pool.withConnection { connection in try await connection.processID() }
      #expect(first != second)
      let killed = await failure {
        try await pool.query("SELECT pg_terminate_backend(pg_backend_pid())")
      }
      #expect(killed?.isRetriable == true)
      try await #expect(pool.query("SELECT 1").count == 1)
      await pool.close()
    }
  }

  @Test("a connection that was asked to cancel is not lent again: the question may come late, to the next statement")
  func cancelledConnectionsAreReplaced() async throws {
    try await withDatabase { url, loop in
      let pool = PostgresPool(self.options(url, connections: 1), on: loop)
      let first = try await pool.withConnection { connection in try await connection.processID() }
      let statement = Task { try await pool.query("SELECT pg_sleep(3600)") }
      try await withLoop { other in
        let watcher = PostgresPool(self.options(url, connections: 1), on: other)
        while try await watcher.query(
          "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", .value(first)
        ).isEmpty {}
        await watcher.close()
      }
      statement.cancel()
      #expect(await failure { try await statement.value }?.code == .cancelled)
      let second = try await pool.withConnection { connection in try await connection.processID() }
      #expect(first != second)
      await pool.close()
    }
  }

  @Test("a wrong database name is answered at once instead of retried")
  func configurationErrors() async throws {
    let fixture = try await PostgresFixture.shared()
    try await withLoop { loop in
      let pool = PostgresPool(self.options(fixture.url(database: "absent")), on: loop)
      #expect(await failure { try await pool.query("SELECT 1") }?.code == .configuration)
      await pool.close()
    }
  }

  @Test("kill -9 of the server under load: what was answered is there, and work goes on after the restart")
  func serverIsKilled() async throws {
    let fixture = try await PostgresFixture.start()
    defer { fixture.stop() }
    let notices = Mutex<(away: Int, back: Int)>((0, 0))
    try await withLoop { loop in
      let pool = PostgresPool(self.options(fixture.url()), on: loop, random: { 0.5 }) { notice in
        notices.withLock {
          switch notice {
          case .unreachable: $0.away += 1
          case .connected: $0.back += 1
          }
        }
      }
      try await pool.query("CREATE TABLE kept (n bigint PRIMARY KEY)")
      let acknowledged = Acknowledged()
      let work = Task {
        await withTaskGroup(of: Void.self) { group in
          for writer in 0..<4 as Range<Int64> {
            group.addTask { await self.write(pool, from: writer * 1_000_000, acknowledged) }
          }
        }
      }
      for kills in 1...2 {
        while acknowledged.numbers.withLock({ $0.count }) < 200 * kills { await Task.yield() }
        try await fixture.kill()
        try await fixture.restart()
      }
      let before = acknowledged.numbers.withLock { $0.count }
      while acknowledged.numbers.withLock({ $0.count }) < before + 200 { await Task.yield() }
      work.cancel()
      await work.value
      let rows = try await pool.query("SELECT n FROM kept")
      let stored = Set(try rows.map { row in try row.value("n", as: Int64.self) })
      #expect(acknowledged.numbers.withLock { $0.subtracting(stored) }.isEmpty)
      #expect(notices.withLock { $0.back } >= 1)
      await pool.close()
    }
  }

  /// Inserts numbers until cancelled, each again until it is acknowledged.
  private func write(_ pool: PostgresPool, from first: Int64, _ acknowledged: Acknowledged) async {
    var number = first
    while !Task.isCancelled {
      do throws(PostgresError) {
        try await pool.query("INSERT INTO kept VALUES ($1) ON CONFLICT DO NOTHING", .value(number))
        acknowledged.numbers.withLock { _ = $0.insert(number) }
        number += 1
      } catch {
        if error.code == .cancelled { return }
        #expect(error.isRetriable, "\(error.debugDescription)")
      }
    }
  }

  @Test("a database that is away at start is waited for")
  func awayAtStart() async throws {
    let fixture = try await PostgresFixture.start()
    defer { fixture.stop() }
    try await fixture.kill()
    try await withLoop { loop in
      let (failures, failed) = AsyncStream.makeStream(of: Void.self)
      let pool = PostgresPool(self.options(fixture.url()), on: loop, random: { 0 }) { notice in
        if case .unreachable(let error, _, _) = notice, error.isRetriable { failed.yield() }
      }
      let waiting = Task { try await pool.query("SELECT 1 AS one")[0].value("one", as: Int32.self) }
      var iterator = failures.makeAsyncIterator()
      for _ in 0..<3 { await iterator.next() }
      try await fixture.restart()
      try await #expect(waiting.value == 1)
      #expect(await pool.health.failures == 0)
      await pool.close()
    }
  }

  @Test("pauses double up to the longest, between half and the whole")
  func backOff() {
    let backOff = BackOff(first: .milliseconds(100), longest: .seconds(1))
    #expect(
      (1...6).map { backOff.pause(afterFailures: $0, random: 0) }
        == [50, 100, 200, 400, 500, 500].map { .milliseconds($0) })
    #expect(
      (1...5).map { backOff.pause(afterFailures: $0, random: 0.5) }
        == [75, 150, 300, 600, 750].map { .milliseconds($0) })
    #expect(backOff.pause(afterFailures: .max, random: 0.999) < .seconds(1))
  }
}
