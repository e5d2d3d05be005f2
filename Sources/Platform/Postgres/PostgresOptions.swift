/// How a connection is made.
package struct PostgresOptions: Sendable {
  /// A libpq connection string: `postgres://user@host:port/database?…` or `host=… dbname=…`. May hold a password: never log it.
  package var url: String
  /// The name the server shows for the session in `pg_stat_activity`.
  package var applicationName: String
  /// How long connecting may take.
  package var connectTimeout: Duration

  /// Options with defaults for all but the address.
  package init(url: String, applicationName: String = "millrace", connectTimeout: Duration = .seconds(10)) {
    self.url = url
    self.applicationName = applicationName
    self.connectTimeout = connectTimeout
  }
}

/// How a pool behaves.
package struct PostgresPoolOptions: Sendable {
  /// How each connection is made.
  package var connection: PostgresOptions
  /// The most connections open at once.
  package var connectionLimit: Int
  /// The most callers that wait for one; the next is refused with `poolExhausted`.
  package var waiterLimit: Int
  /// How long a caller waits before it is refused with `poolExhausted`.
  package var waitLimit: Duration
  /// The pauses between attempts while the database is away.
  package var backOff: BackOff

  /// Options with defaults for all but the address.
  package init(
    connection: PostgresOptions, connectionLimit: Int = 8, waiterLimit: Int = 1024, waitLimit: Duration = .seconds(30),
    backOff: BackOff = BackOff()
  ) {
    precondition(connectionLimit > 0 && waiterLimit >= 0)
    self.connection = connection
    self.connectionLimit = connectionLimit
    self.waiterLimit = waiterLimit
    self.waitLimit = waitLimit
    self.backOff = backOff
  }
}
