/// A transaction while its body runs. It is the only way to the connection until then, and of no use afterwards.
package struct PostgresTransaction: Sendable {
  let connection: PostgresConnection
  let holder: Int

  /// Runs one statement of the transaction.
  @discardableResult
  package func query(_ sql: StaticString, _ parameters: PostgresParameter...) async throws(PostgresError)
    -> PostgresRows
  {
    try await connection.run([PostgresCommand(sql, parameters)], as: holder)[0]
  }

  /// Sends the statements together, without waiting for one another, and answers the rows of each.
  package func pipeline(_ commands: [PostgresCommand]) async throws(PostgresError) -> [PostgresRows] {
    try await connection.run(commands, as: holder)
  }

  /// Copies rows in, as ``PostgresConnection/copy(_:_:)``.
  @discardableResult
  package func copy(_ sql: StaticString, _ rows: PostgresRowWriter) async throws(PostgresError) -> Int {
    try await connection.copy(sql, rows, as: holder)
  }

  /// Runs a script that is part of the program: several statements, no parameters.
  func script(_ text: String) async throws(PostgresError) { try await connection.runScript(text, as: holder) }
}

extension PostgresConnection {
  /// Runs `body` in a transaction that has the connection to itself: committed when `body` returns, rolled back when it throws.
  ///
  /// - Throws: what `body` throws; ``PostgresError``, with `outcomeUnknown` where the connection broke during the commit.
  package nonisolated func withTransaction<Value>(_ body: (PostgresTransaction) async throws -> Value) async throws
    -> Value
  {
    let transaction = try await beginTransaction()
    let value: Value
    do {
      value = try await body(transaction)
    } catch {
      await rollBack(transaction)
      throw error
    }
    try await commit(transaction)
    return value
  }

  private func beginTransaction() async throws(PostgresError) -> PostgresTransaction {
    try admit(nil)
    lastHolder += 1
    let transaction = PostgresTransaction(connection: self, holder: lastHolder)
    holder = transaction.holder
    do throws(PostgresError) {
      _ = try await runToEnd(PostgresCommand("BEGIN"), as: transaction.holder)
    } catch {
      holder = nil
      throw error
    }
    return transaction
  }

  private func commit(_ transaction: PostgresTransaction) async throws(PostgresError) {
    do throws(PostgresError) {
      let answer = try await runToEnd(PostgresCommand("COMMIT"), as: transaction.holder)
      holder = nil
      // The server answers the COMMIT of a transaction that has failed with ROLLBACK, and no error.
      guard answer.commandTag == "COMMIT" else {
        throw PostgresError(.server, "the transaction had failed and was rolled back", isRetriable: false)
      }
    } catch {
      holder = nil
      guard error.code == .connectionLost else { throw error }
      throw PostgresError(
        .outcomeUnknown, "the connection broke while a transaction was committed", details: error.details)
    }
  }

  private func rollBack(_ transaction: PostgresTransaction) async {
    do throws(PostgresError) {
      _ = try await runToEnd(PostgresCommand("ROLLBACK"), as: transaction.holder)
    } catch {
      // A session whose state is not known is not used again; the server rolls back when it ends.
      close()
    }
    holder = nil
  }
}
