/// Why PostgreSQL, or the way to it, did not do what it was asked.
package struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// What kind of failure it was.
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    let name: String
    package var description: String { name }
    /// The address or the credentials are wrong: retrying changes nothing.
    package static let configuration = Code(name: "configuration")
    /// No connection could be made. Retry: the server may be starting, full or away.
    package static let connectionFailed = Code(name: "connectionFailed")
    /// The connection broke; what had not been committed is gone. Retry on another connection.
    package static let connectionLost = Code(name: "connectionLost")
    /// The connection broke while a commit was on its way: it may have happened or not. Look before repeating.
    package static let outcomeUnknown = Code(name: "outcomeUnknown")
    /// The connection was closed by its owner.
    package static let closed = Code(name: "closed")
    /// Somebody else's transaction or COPY has the connection to itself.
    package static let connectionBusy = Code(name: "connectionBusy")
    /// The server refused the statement: ``PostgresError/sqlState`` says why.
    package static let server = Code(name: "server")
    /// The statement was cancelled.
    package static let cancelled = Code(name: "cancelled")
    /// A parameter cannot be stored as what it claims to be (a NUL in text, too many parameters).
    package static let invalidParameter = Code(name: "invalidParameter")
    /// A column is not there, not of the asked type, or null where a value was asked for.
    package static let decoding = Code(name: "decoding")
    /// Too many callers wait for a connection, or waited too long. Retry later.
    package static let poolExhausted = Code(name: "poolExhausted")
    /// The database's schema is not one this program can use.
    package static let schema = Code(name: "schema")
  }

  /// What kind of failure it was.
  package let code: Code
  /// The five characters of the server's SQLSTATE, where the server answered.
  package let sqlState: String?
  /// What happened, without data, addresses or SQL: safe to show.
  package let message: String
  /// What the library or the server said in full. For logs of the operator, never for a customer.
  package let details: String
  /// Whether the same may succeed when it is tried again.
  package let isRetriable: Bool

  init(_ code: Code, _ message: String, details: String = "", sqlState: String? = nil, isRetriable: Bool? = nil) {
    self.code = code
    self.sqlState = sqlState
    self.message = message
    self.details = details
    self.isRetriable = isRetriable ?? PostgresError.retriable.contains(code)
  }

  private static let retriable: Set<Code> = [.connectionFailed, .connectionLost, .poolExhausted]

  /// Whether the fault is in the data that was sent and not in the server: class 22 (data exception), class 23 (a constraint
  /// said no), class 54 (a limit of the program), or a parameter refused before it was sent. The same data fails again.
  package var isDataFault: Bool {
    if code == .invalidParameter { return true }
    guard let sqlState else { return false }
    return ["22", "23", "54"].contains { sqlState.hasPrefix($0) }
  }

  package var description: String {
    guard let sqlState else { return "postgres: \(message)" }
    return "postgres: \(message) (SQLSTATE \(sqlState))"
  }

  package var debugDescription: String {
    details.isEmpty ? "\(description) [\(code)]" : "\(description) [\(code)]: \(details)"
  }
}

extension PostgresError {
  /// What the server said of a statement. Class 40 is a lost race, 53 a lack of resources, 57P a server going down or coming
  /// up, 55P03 a lock, 25006 a server that has become a replica: those may go well the next time.
  static func server(sqlState: String, details: String) -> PostgresError {
    let isCancelled = sqlState == "57014"
    let isRetriable =
      ["08", "40", "53", "57P"].contains { sqlState.hasPrefix($0) } || ["55P03", "25006", "26000"].contains(sqlState)
    return PostgresError(
      isCancelled ? .cancelled : .server,
      isCancelled ? "the statement was cancelled" : "the database refused the statement",
      details: details, sqlState: sqlState, isRetriable: isRetriable)
  }

  /// A failed attempt to connect. libpq 15 gives no SQLSTATE here, only text, so what cannot be retried is told apart by the
  /// server's own words in the language the connection asked for (English: `lc_messages` applies only after start-up).
  static func connecting(_ details: String) -> PostgresError {
    let permanent = [
      "password authentication failed", "no password supplied", "no pg_hba.conf entry", "does not exist",
    ]
    let isMissingSocket = details.contains("No such file or directory")
    if !isMissingSocket, permanent.contains(where: { details.contains($0) }) {
      return PostgresError(.configuration, "the database refuses this address or these credentials", details: details)
    }
    return PostgresError(.connectionFailed, "the database cannot be reached", details: details)
  }
}
