import EventLoop
import Postgres
import RealServers
import Testing

@Suite(.enabled(if: PostgresFixture.isAvailable, "PostgreSQL is not installed"))
struct CopyTests {
  @Test("100,000 rows are copied whole, through a buffer far smaller than they are")
  func manyRows() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE copied (n bigint, t text, raw bytea, at timestamptz)")
      let copied = try await connection.copy(
        "COPY copied (n, t, raw, at) FROM STDIN (FORMAT binary)", rows: 0..<100_000 as Range<Int64>
      ) { (number, writer) throws(PostgresError) in
        writer.beginRow(columns: 4)
        writer.append(int64: number)
        try writer.append("row \(number)")
        writer.append(bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 100))
        if number % 2 == 0 { writer.appendNull() } else { try writer.append(PostgresTimestamp(milliseconds: number)) }
      }
      #expect(copied == 100_000)
      let rows = try await connection.query(
        """
        SELECT count(*) AS rows, sum(n)::bigint AS sum, count(at) AS times, sum(length(raw)) AS bytes,
          bool_and(t = 'row ' || n) AS same FROM copied
        """)
      #expect(try rows[0].value("rows", as: Int64.self) == 100_000)
      #expect(try rows[0].value("sum", as: Int64.self) == 4_999_950_000)
      #expect(try rows[0].value("times", as: Int64.self) == 50_000)
      #expect(try rows[0].value("bytes", as: Int64.self) == 10_000_000)
      #expect(try rows[0].value("same") == true)
    }
  }

  @Test("a copy that the server or the writer refuses leaves nothing, and the connection goes on")
  func refusedCopies() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE copied (n bigint PRIMARY KEY)")
      let repeated = await failure {
        try await connection.copy("COPY copied FROM STDIN (FORMAT binary)", rows: [1, 2, 1] as [Int64]) {
          (number, writer) in
          writer.beginRow(columns: 1)
          writer.append(int64: number)
        }
      }
      #expect(repeated?.sqlState == "23505")
      let refused = await failure {
        try await connection.copy("COPY copied FROM STDIN (FORMAT binary)", rows: ["fine", "a\0b"]) {
          (text, writer) throws(PostgresError) in
          writer.beginRow(columns: 1)
          try writer.append(text)
        }
      }
      #expect(refused?.code == .invalidParameter)
      #expect(
        await failure { try await connection.copy("COPY absent FROM STDIN (FORMAT binary)", .init()) }?.sqlState
          == "42P01")
      #expect(await failure { try await connection.copy("SELECT 1", .init()) }?.code == .server)
      try await #expect(connection.query("SELECT n FROM copied").isEmpty)
    }
  }

  @Test("a copy in a transaction is part of it")
  func copyInTransaction() async throws {
    struct Refusal: Error {}
    try await withConnection { connection in
      try await connection.query("CREATE TABLE copied (n bigint)")
      var writer = PostgresRowWriter()
      for number in 0..<1000 as Range<Int64> {
        writer.beginRow(columns: 1)
        writer.append(int64: number)
      }
      let rows = writer
      await #expect(throws: Refusal.self) {
        try await connection.withTransaction { transaction in
          try await #expect(transaction.copy("COPY copied FROM STDIN (FORMAT binary)", rows) == 1000)
          throw Refusal()
        }
      }
      try await connection.withTransaction { transaction in
        try await transaction.copy("COPY copied FROM STDIN (FORMAT binary)", rows)
        try await transaction.query("DELETE FROM copied WHERE n >= 10")
      }
      try await #expect(connection.query("SELECT n FROM copied").count == 10)
    }
  }

  @Test("a cancelled copy stores nothing")
  func cancelledCopy() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE copied (n bigint)")
      let endless = Task {
        try await connection.copy(
          "COPY copied FROM STDIN (FORMAT binary)", rows: sequence(first: 0 as Int64) { $0 &+ 1 }
        ) { number, writer in
          if number == 1_000_000 { withUnsafeCurrentTask { $0?.cancel() } }
          writer.beginRow(columns: 1)
          writer.append(int64: number)
        }
      }
      #expect(await failure { try await endless.value }?.code == .cancelled)
      try await #expect(connection.query("SELECT n FROM copied").isEmpty)
    }
  }
}
