import EventLoop
import Postgres
import RealServers
import Synchronization
import Testing

/// A database of its own on the shared cluster, and a loop, for one test.
func withDatabase(
  _ body: @escaping @Sendable (String, EventLoop) async throws -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let url = try await PostgresFixture.shared().createDatabase()
  try await withLoop { loop in try await body(url, loop) }
}

/// Runs the body on the loop that the tests share.
func withLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
  let loop = try sharedLoop.get()
  try await Task(executorPreference: loop.tasks) { try await body(loop) }.value
}

private let sharedLoop = Swift.Result { try LoopThread.startLoop(name: "postgres-test") }

/// A connection to a database of its own, for one test.
func withConnection(_ body: @escaping @Sendable (PostgresConnection) async throws -> Void) async throws {
  try await withDatabase { url, loop in
    let connection = try await PostgresConnection.connect(PostgresOptions(url: url), on: loop)
    try await body(connection)
    await connection.close()
  }
}

/// What an operation fails with; nil and a failed test where it succeeds.
func failure<Value>(
  _ body: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> PostgresError? {
  do {
    _ = try await body()
    Issue.record("it succeeded", sourceLocation: sourceLocation)
    return nil
  } catch {
    return error as? PostgresError
  }
}
