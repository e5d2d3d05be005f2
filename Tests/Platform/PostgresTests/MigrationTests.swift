import EventLoop
import Postgres
import RealServers
import Testing

@Suite(.enabled(if: PostgresFixture.isAvailable, "PostgreSQL is not installed"))
struct MigrationTests {
  private static let first = Migration(
    number: 1, name: "first", script: Array("CREATE TABLE a (n int); INSERT INTO a VALUES (1);".utf8))
  private static let second = Migration(
    number: 2, name: "second", script: Array("ALTER TABLE a ADD COLUMN t text; UPDATE a SET n = n + 1;".utf8))

  @Test("migrations are applied once, in order, and only those that are missing")
  func applyOnce() async throws {
    try await withConnection { connection in
      try await #expect(Migrations.apply([Self.first], on: connection) == [1])
      try await #expect(Migrations.apply([Self.first, Self.second], on: connection) == [2])
      try await #expect(Migrations.apply([Self.first, Self.second], on: connection) == [])
      try await #expect(connection.query("SELECT n FROM a")[0].value("n", as: Int32.self) == 2)
    }
  }

  @Test("two programs that migrate at once apply each migration once")
  func twoMigrators() async throws {
    try await withDatabase { url, loop in
      let applied = try await withThrowingTaskGroup(of: [Int32].self) { group in
        for _ in 0..<4 {
          group.addTask {
            let connection = try await PostgresConnection.connect(PostgresOptions(url: url), on: loop)
            let applied = try await Migrations.apply([Self.first, Self.second], on: connection)
            await connection.close()
            return applied
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(applied.sorted() == [1, 2])
    }
  }

  @Test("a database that is newer, or whose migration differs, is refused and left as it is")
  func refusals() async throws {
    try await withDatabase { url, loop in
      func apply(_ migrations: [Migration]) async throws -> [Int32] {
        let connection = try await PostgresConnection.connect(PostgresOptions(url: url), on: loop)
        let applied = try await Migrations.apply(migrations, on: connection)
        await connection.close()
        return applied
      }
      try await #expect(apply([Self.first, Self.second]) == [1, 2])
      #expect(await failure { try await apply([Self.first]) }?.code == .schema)
      let changed = Migration(number: 2, name: "second", script: Array("SELECT 1;".utf8))
      #expect(await failure { try await apply([Self.first, changed]) }?.code == .schema)
      let broken = Migration(number: 3, name: "broken", script: Array("CREATE TABLE b (n int); SELECT 1/0;".utf8))
      #expect(await failure { try await apply([Self.first, Self.second, broken]) }?.sqlState == "22012")
      let connection = try await PostgresConnection.connect(PostgresOptions(url: url), on: loop)
      try await #expect(connection.query("SELECT to_regclass('b') IS NULL AS absent")[0].value("absent") == true)
      await connection.close()
      try await #expect(apply([Self.first, Self.second]) == [])
    }
  }
}
