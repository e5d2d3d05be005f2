/// One step of a schema. Once released its text never changes: the next change is the next number.
package struct Migration: Sendable {
  /// Its place, from 1 without gaps.
  package let number: Int32
  /// What it does, for people.
  package let name: String
  /// The script, UTF-8, part of the program. It runs in one transaction, so it holds nothing that cannot.
  package let script: [UInt8]

  /// A step of a schema.
  package init(number: Int32, name: String, script: [UInt8]) {
    self.number = number
    self.name = name
    self.script = script
  }
}

/// Brings a database to the schema of the program, one migration a transaction, one program at a time.
///
/// What has been applied stands in `millrace.schema_migrations` with the SHA-256 of its script. A database with a migration
/// this program does not know, or with another script under the same number, is refused: `schema`, not retriable.
package enum Migrations {
  /// Applies what is missing, in order, and answers the numbers applied. Whoever comes second waits for the first.
  @discardableResult
  package static func apply(_ migrations: [Migration], on connection: PostgresConnection) async throws -> [Int32] {
    precondition(migrations.map(\.number) == (0..<migrations.count).map { Int32($0 + 1) }, "migrations count from 1")
    try await connection.query("SELECT pg_advisory_lock($1)", .value(lockKey))
    do {
      let applied = try await applyLocked(migrations, on: connection)
      try await connection.query("SELECT pg_advisory_unlock($1)", .value(lockKey))
      return applied
    } catch {
      // The lock is the session's: it ends with it, whatever state the failure left.
      await connection.close()
      throw error
    }
  }

  /// "millrace" as a number: the same for every program and version.
  static let lockKey: Int64 = 0x6d69_6c6c_7261_6365

  private static func applyLocked(_ migrations: [Migration], on connection: PostgresConnection) async throws -> [Int32]
  {
    try await connection.query("CREATE SCHEMA IF NOT EXISTS millrace")
    try await connection.query(
      """
      CREATE TABLE IF NOT EXISTS millrace.schema_migrations (
        number integer PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now())
      """)
    let known = try await check(migrations, on: connection)
    for migration in migrations.dropFirst(known) { try await apply(migration, on: connection) }
    return migrations.dropFirst(known).map(\.number)
  }

  /// Holds what the database has against what the program knows, and answers how many are applied.
  private static func check(_ migrations: [Migration], on connection: PostgresConnection) async throws(PostgresError)
    -> Int
  {
    let rows = try await connection.query("SELECT number, name FROM millrace.schema_migrations ORDER BY number")
    guard rows.count <= migrations.count else {
      throw PostgresError(
        .schema, "the database has been migrated by a newer version of the program",
        details: "it has \(rows.count) migrations, this program knows \(migrations.count)")
    }
    for (row, migration) in zip(rows, migrations) {
      let number: Int32 = try row.value("number")
      let same = try await connection.query(
        "SELECT checksum = sha256($2) AS same FROM millrace.schema_migrations WHERE number = $1", .value(number),
        .bytes(migration.script))
      guard number == migration.number, try same[0].value("same", as: Bool.self) else {
        throw PostgresError(
          .schema, "the database has been migrated by another version of the program",
          details: "migration \(number) differs from this program's \(migration.number) (\(migration.name))")
      }
    }
    return rows.count
  }

  private static func apply(_ migration: Migration, on connection: PostgresConnection) async throws {
    guard let script = String(validating: migration.script, as: UTF8.self) else {
      throw PostgresError(.schema, "a migration's script is not UTF-8", details: migration.name)
    }
    try await connection.withTransaction { transaction in
      try await transaction.script(script)
      try await transaction.query(
        "INSERT INTO millrace.schema_migrations (number, name, checksum) VALUES ($1, $2, sha256($3))",
        .value(migration.number), .value(migration.name), .bytes(migration.script))
    }
  }
}
