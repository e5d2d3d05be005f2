import EventLoop
import Postgres
import RealServers
import Testing

@Suite(.enabled(if: PostgresFixture.isAvailable, "PostgreSQL is not installed"))
struct ConnectionTests {
  @Test("every type arrives as it was sent, through parameters and through arrays")
  func typesRoundTrip() async throws {
    try await withConnection { connection in
      let uuid = PostgresUUID(high: 0x0190_0000_0000_7abc, low: 0x8000_0000_0000_00ff)
      let time = PostgresTimestamp(microseconds: 1_764_036_168_123_456)
      let rows = try await connection.query(
        """
        SELECT $1 AS small, $2 AS large, $3 AS words, $4 AS yes, $5 AS raw, $6 AS id, $7 AS at, $8 AS fraction,
          $9 AS nothing, $10 AS empty, $11 AS longs, $12 AS texts, $13 AS none
        """, .value(Int32.min), .value(Int64.max), .value("Grüße, 世界 🎡"), .value(true), .bytes([0, 255, 10]),
        .value(uuid), .value(time), .value(-0.125), .null(.text), .value(""), .array([Int64.min, 0, 7]),
        .array(["a", "", "ü"]), .array([Int32?]()))
      let row = rows[0]
      #expect(try row.value("small") == Int32.min)
      #expect(try row.value("large") == Int64.max)
      #expect(try row.value("small", as: Int64.self) == Int64(Int32.min))
      #expect(try row.value("words") == "Grüße, 世界 🎡")
      #expect(try row.value("yes") == true)
      #expect(try row.bytes("raw") == [0, 255, 10])
      #expect(try row.value("id") == uuid)
      #expect(try row.value("at") == time)
      #expect(try row.value("fraction") == -0.125)
      #expect(try row.optional("nothing", as: String.self) == nil)
      #expect(try row.value("empty") == "")
      #expect(try row.array("longs") == [Int64.min, 0, 7])
      #expect(try row.array("texts") == ["a", "", "ü"])
      #expect(try row.array("none", of: Int32.self) == [])
      #expect(try row.value(at: 3) == true)
    }
  }

  @Test("binary forms mean to the server what they mean here")
  func typesMeanTheSame() async throws {
    try await withConnection { connection in
      let rows = try await connection.query(
        """
        SELECT $1::text AS number, to_char($2 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at, $3::text AS id,
          encode($4, 'hex') AS raw, $5::text AS longs, $6 = '1969-12-31 23:59:59.999Z'::timestamptz AS before
        """, .value(Int64(-42)), .value(PostgresTimestamp(milliseconds: 1_764_036_168_123)),
        .value(PostgresUUID(bytes: 0..<16)!), .bytes([1, 0xab]), .array([1, nil, 3] as [Int64?]),
        .value(PostgresTimestamp(milliseconds: -1)))
      #expect(try rows[0].value("number") == "-42")
      #expect(try rows[0].value("at") == "2025-11-25T02:02:48.123000")
      #expect(try rows[0].value("id") == "00010203-0405-0607-0809-0a0b0c0d0e0f")
      #expect(try rows[0].value("raw") == "01ab")
      #expect(try rows[0].value("longs") == "{1,NULL,3}")
      #expect(try rows[0].value("before") == true)
    }
  }

  @Test("a column read as what it is not is a typed error, never a wrong value")
  func decodingErrors() async throws {
    try await withConnection { connection in
      let rows = try await connection.query("SELECT 1::bigint AS n, NULL::text AS t")
      #expect(await failure { try rows[0].value("n", as: String.self) }?.code == .decoding)
      #expect(await failure { try rows[0].value("n", as: Int32.self) }?.code == .decoding)
      #expect(await failure { try rows[0].value("t", as: String.self) }?.code == .decoding)
      #expect(await failure { try rows[0].value("absent", as: String.self) }?.code == .decoding)
      #expect(await failure { try rows[0].value(at: 9, as: String.self) }?.code == .decoding)
    }
  }

  @Test(
    "hostile strings are stored as they are, or refused before anything is sent (case 50)",
    arguments: [
      "'; DROP TABLE kept; --", "\\'; --", "$tag$ $1 $$", "%_\\%", "\u{FFFD}\u{202E}", "\"q\" \u{1}\u{7f}\r\n",
    ])
  func hostileStrings(_ text: String) async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE kept (t text)")
      try await connection.query("INSERT INTO kept VALUES ($1)", .value(text))
      let rows = try await connection.query("SELECT t, octet_length(t) AS bytes FROM kept WHERE t = $1", .value(text))
      #expect(try rows[0].value("t") == text)
      #expect(try rows[0].value("bytes", as: Int64.self) == Int64(text.utf8.count))
    }
  }

  @Test("NUL and invalid UTF-8 in text are refused clearly, and the connection goes on (case 50)")
  func textThatIsNone() async throws {
    try await withConnection { connection in
      let withNUL = await failure { try await connection.query("SELECT $1", .value("a\0b")) }
      #expect(withNUL?.code == .invalidParameter)
      #expect(withNUL?.isDataFault == true)
      #expect(
        await failure { try await connection.query("SELECT $1", .text(utf8: [0x61, 0])) }?.code == .invalidParameter)
      let invalid = await failure { try await connection.query("SELECT $1", .text(utf8: [0xbf, 0x27])) }
      #expect(invalid?.sqlState == "22021")
      #expect(invalid?.isDataFault == true)
      #expect(invalid?.isRetriable == false)
      #expect(invalid.map { !"\($0)".contains("0xbf") } == true)
      let large = String(repeating: "ä'", count: 3_500_000)
      let rows = try await connection.query("SELECT octet_length($1) AS bytes", .value(large))
      #expect(try rows[0].value("bytes", as: Int64.self) == Int64(large.utf8.count))
    }
  }

  @Test("the server never sees a value inside of a statement's text (case 50)")
  func noInterpolation() async throws {
    let fixture = try await PostgresFixture.shared()
    try await withConnection { connection in
      try await connection.query("SET log_statement = 'all'")
      try await connection.query("SET log_parameter_max_length = 0")
      try await connection.query("CREATE TABLE logged (t text)")
      try await connection.query("INSERT INTO logged VALUES ($1)", .value("needle-in-a-parameter"))
      try await connection.copy(
        "COPY logged FROM STDIN (FORMAT binary)", rows: ["needle-in-a-row"]
      ) { (text, writer) throws(PostgresError) in
        writer.beginRow(columns: 1)
        try writer.append(text)
      }
    }
    let log = try fixture.serverLog()
    #expect(log.contains("INSERT INTO logged VALUES ($1)"))
    #expect(!log.contains("needle-in"))
  }

  @Test("a refused statement says its SQLSTATE, hides its details, and harms no other")
  func refusedStatement() async throws {
    try await withConnection { connection in
      let refused = await failure { try await connection.query("SELECT secret_column FROM pg_class") }
      #expect(refused?.code == .server)
      #expect(refused?.sqlState == "42703")
      #expect(refused.map { !"\($0)".contains("secret_column") } == true)
      #expect(refused.map { $0.debugDescription.contains("secret_column") } == true)
      try await #expect(connection.query("SELECT 1 AS one")[0].value("one", as: Int32.self) == 1)
    }
  }

  @Test("a prepared statement outlives the tables it was prepared for")
  func preparedStatementsAreRenewed() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE shape (a integer)")
      func read() async throws -> Int { try await connection.query("SELECT * FROM shape").count }
      try await #expect(read() == 0)
      try await connection.query("ALTER TABLE shape ADD COLUMN b text")
      #expect(await failure { try await read() }?.sqlState == "0A000")
      try await #expect(read() == 0)
      try await connection.query("DEALLOCATE ALL")
      #expect(await failure { try await read() }?.isRetriable == true)
      try await #expect(read() == 0)
    }
  }

  @Test("a wrong address, a wrong database and a server that is away are told apart")
  func connectErrors() async throws {
    let fixture = try await PostgresFixture.shared()
    try await withLoop { loop in
      func connect(_ url: String) async -> PostgresError? {
        await failure { try await PostgresConnection.connect(PostgresOptions(url: url), on: loop) }
      }
      #expect(await connect("nonsense=1")?.code == .configuration)
      #expect(await connect(fixture.url(database: "absent"))?.code == .configuration)
      #expect(await connect("host=/nowhere dbname=x user=y")?.code == .connectionFailed)
      #expect(await connect("host=127.0.0.1 port=1 dbname=x user=y")?.isRetriable == true)
    }
  }

  @Test("a server that accepts and never answers is given up in time")
  func silentServer() async throws {
    try await withLoop { loop in
      let silent = try SilentServer()
      let options = PostgresOptions(
        url: "host=127.0.0.1 port=\(silent.port) dbname=x user=y", connectTimeout: .milliseconds(50))
      #expect(await failure { try await PostgresConnection.connect(options, on: loop) }?.code == .connectionFailed)
    }
  }
}
