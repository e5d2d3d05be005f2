internal import MillraceDomain
internal import Postgres

/// What the gateway asks the database. Read only.
struct InvocationQueries: Sendable {
  private let services: GatewayServices
  init(_ services: GatewayServices) { self.services = services }

  /// An invocation with its timeline and, where there is one, its result's bytes.
  struct Whole: Sendable {
    let invocation: InvocationRow
    let timeline: [InvocationRow.Moment]
    let result: [UInt8]?
  }

  /// Whether the result's bytes are wanted too: they may be 6 MiB.
  enum ResultBytes: Sendable {
    case included
    case leftOut
  }

  /// The invocation, if it is recorded and belongs to the namespace.
  func find(
    _ id: InvocationID, in namespace: NamespaceName, result: ResultBytes
  ) async throws(GatewayError) -> Whole? {
    let found: Whole? = try await services.database { pool in
      let row = try await pool.query(
        """
        SELECT id, namespace, function, version, status, attempts, submitted_at, started_at, finished_at, error_type,
          error_message, dead_reason, task_partition, task_offset, running_at, running_attempt, running_partition,
          running_offset, result_attempt, result_partition, result_offset, CASE WHEN $2 THEN result END AS result
        FROM millrace.invocations WHERE id = $1
        """, .value(id.postgres), .value(result == .included)
      ).first
      guard let row else { return nil }
      let invocation = try InvocationRow(row)
      return Whole(
        invocation: invocation, timeline: try invocation.timeline(row), result: try row.optionalBytes("result"))
    }
    // A task that could not be read, so that its namespace is not known, counts to the standard one.
    guard let found, found.invocation.namespace ?? NamespaceName.standard.text == namespace.text else { return nil }
    return found
  }

  /// What a list is narrowed to.
  struct Filter: Sendable {
    var function: String?
    var status: String?
    /// Ids made at or after this.
    var first: PostgresUUID?
    /// Ids below this: where the page before ended.
    var below: InvocationID?
    var count: Int
  }

  /// Invocations of a namespace, newest first.
  func list(_ filter: Filter, in namespace: NamespaceName) async throws(GatewayError) -> [InvocationRow] {
    try await services.database { pool in
      try await pool.query(
        """
        SELECT id, namespace, function, version, status, attempts, submitted_at, started_at, finished_at, error_type,
          error_message, dead_reason
        FROM millrace.invocations
        WHERE namespace = $1 AND ($2::text IS NULL OR function = $2) AND ($3::text IS NULL OR status = $3)
          AND ($4::uuid IS NULL OR id >= $4) AND ($5::uuid IS NULL OR id < $5)
        ORDER BY id DESC LIMIT $6
        """, .value(namespace.text), .optional(filter.function), .optional(filter.status), .optional(filter.first),
        .optional(filter.below?.postgres), .value(Int64(filter.count))
      ).map { row in try InvocationRow(row) }
    }
  }

  /// One record of an invocation's output.
  struct Output: Sendable {
    let attempt: Int32
    let loggedAt: Timestamp
    let text: [UInt8]
  }

  /// An invocation's output in order, at most ``GatewayLimits/logRecords`` records.
  func output(_ id: InvocationID) async throws(GatewayError) -> [Output] {
    try await services.database { pool in
      try await pool.query(
        """
        SELECT attempt, logged_at, text FROM millrace.log_lines WHERE invocation_id = $1
        ORDER BY attempt, sequence LIMIT $2
        """, .value(id.postgres), .value(Int64(GatewayLimits.logRecords))
      ).map { row in
        Output(
          attempt: try row.value("attempt"),
          loggedAt: try InvocationRow.time(row, "logged_at") ?? Timestamp(milliseconds: 0),
          text: try row.bytes("text"))
      }
    }
  }
}

extension UUIDv7 {
  var postgres: PostgresUUID { PostgresUUID(high: high, low: low) }
}

extension InvocationID {
  var postgres: PostgresUUID { uuid.postgres }
}
