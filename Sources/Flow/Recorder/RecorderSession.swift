internal import EventLoop
internal import LogRecords
internal import MillraceDomain
internal import Postgres

/// One session with the database: it holds the locks of the shards and writes their batches, so that whoever loses the
/// session has lost both.
struct RecorderSession: Sendable {
  let connection: PostgresConnection

  /// Connects, brings the schema up to date, and says that this recorder is there.
  ///
  /// - Returns: the session and the migrations that were applied.
  static func open(_ options: PostgresOptions, on loop: EventLoop) async throws -> (RecorderSession, applied: [Int32]) {
    let connection = try await PostgresConnection.connect(options, on: loop)
    do {
      let applied = try await Migrations.apply(Schema.migrations, on: connection)
      for sql in [
        RecorderSQL.commitWithoutWaiting, RecorderSQL.stageInvocations, RecorderSQL.stageAttempts,
        RecorderSQL.stageOutput, RecorderSQL.stageDeadLetters,
      ] { try await connection.query(sql) }
      try await connection.query(RecorderSQL.joinMembers, .value(RecorderSQL.memberLocks))
      return (RecorderSession(connection: connection), applied)
    } catch {
      await connection.close()
      throw error
    }
  }

  func close() async { await connection.close() }

  // MARK: months

  /// Makes the partitions that are missing, and answers how many there were none of.
  func makeMonths(at time: Timestamp) async throws(PostgresError) -> Int {
    var made = 0
    for month in MonthRules.months(at: time, ahead: RecorderLimits.monthsAhead) {
      for table in ["invocations", "attempts", "log_lines"] {
        let rows = try await connection.query(
          RecorderSQL.makeMonth, .value(table), .value(month.suffix), .value(RecorderSession.bound(month)),
          .value(RecorderSession.bound(month.next)))
        if try rows[0].value("made") { made += 1 }
      }
    }
    return made
  }

  /// Ids are UUIDs of version 7: a month's are those from the lowest of its first moment on.
  private static func bound(_ month: Month) -> PostgresUUID {
    PostgresUUID(UUIDv7.lowest(atMilliseconds: month.start.milliseconds))
  }

  // MARK: shards

  /// How many recorders there are, this one included.
  func memberCount() async throws(PostgresError) -> Int {
    let rows = try await connection.query(RecorderSQL.countMembers, .value(Int64(RecorderSQL.memberLocks)))
    return Int(try rows[0].value("members", as: Int64.self))
  }

  /// Takes a shard unless another recorder has it.
  func take(_ shard: RecorderShard) async throws(PostgresError) -> Bool {
    let rows = try await connection.query(
      RecorderSQL.tryShard, .value(RecorderSQL.shardLocks), .value(shard.number))
    return try rows[0].value("taken")
  }

  func give(_ shard: RecorderShard) async throws(PostgresError) {
    try await connection.query(RecorderSQL.giveShard, .value(RecorderSQL.shardLocks), .value(shard.number))
  }

  /// Where to go on reading: from the beginning where nothing has been read yet.
  func offsets(of partitions: [TopicPartition]) async throws(PostgresError) -> [TopicPartition: Int64] {
    let wanted: [PostgresParameter] = [.array(partitions.map(\.topic)), .array(partitions.map(\.partition))]
    let answers = try await connection.pipeline([
      PostgresCommand(RecorderSQL.beginOffsets, wanted), PostgresCommand(RecorderSQL.readOffsets, wanted),
    ])
    return try RecorderSession.offsets(answers[1])
  }

  private static func offsets(_ rows: PostgresRows) throws(PostgresError) -> [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    for row in rows {
      offsets[TopicPartition(try row.value("topic"), try row.value("partition"))] = try row.value("next_offset")
    }
    return offsets
  }

  // MARK: batches

  /// How rows that are never changed get into their tables.
  enum Path {
    /// Straight; a repeated row makes the whole batch fail with ``isRepeat(_:)``.
    case direct
    /// Through staging tables; a repeated row changes nothing.
    case staged
  }

  /// Whether a batch failed on the direct path because a row was there already.
  static func isRepeat(_ error: PostgresError) -> Bool { error.sqlState == "23505" }

  /// Writes the rows and the offsets of a batch in one transaction.
  ///
  /// - Parameter expected: where each partition of the batch stood before it, as this recorder knows it.
  /// - Returns: the partitions that stand elsewhere: another recorder has written, or this one without knowing that it
  ///   succeeded. Nothing of them was written; they are to be read again from where they stand.
  func write(
    _ batch: RecorderBatch, expected: [TopicPartition: Int64], path: Path
  ) async throws -> Set<TopicPartition> {
    let next = batch.nextOffsets
    let partitions = Array(next.keys)
    return try await connection.withTransaction { transaction in
      let locked = try await transaction.query(
        RecorderSQL.lockOffsets, .array(partitions.map(\.topic)), .array(partitions.map(\.partition)))
      let offsets = try RecorderSession.offsets(locked)
      let fenced = Set(partitions.filter { offsets[$0] != expected[$0] })
      try await RecorderSession.write(RecorderRows(batch, without: fenced), path, in: transaction)
      let moved = partitions.filter { !fenced.contains($0) }
      try await transaction.query(
        RecorderSQL.moveOffsets, .array(moved.map(\.topic)), .array(moved.map(\.partition)),
        .array(moved.map { next[$0] }))
      return fenced
    }
  }

  private static func write(_ rows: RecorderRows, _ path: Path, in transaction: PostgresTransaction)
    async throws(PostgresError)
  {
    let (invocations, attempts) = (try copyData(rows.invocations), try copyData(rows.attempts))
    let (output, letters) = (try copyData(rows.output), try copyData(rows.deadLetters))
    try await write(invocations, RecorderSQL.copyInvocations, RecorderSQL.upsertInvocations, in: transaction)
    switch path {
    case .direct:
      try await write(attempts, RecorderSQL.copyNewAttempts, nil, in: transaction)
      try await write(output, RecorderSQL.copyNewOutput, nil, in: transaction)
    case .staged:
      try await write(attempts, RecorderSQL.copyAttempts, RecorderSQL.insertAttempts, in: transaction)
      try await write(output, RecorderSQL.copyOutput, RecorderSQL.insertOutput, in: transaction)
    }
    try await write(letters, RecorderSQL.copyDeadLetters, RecorderSQL.insertDeadLetters, in: transaction)
  }

  private static func copyData(_ rows: [some CopiedRow]) throws(PostgresError) -> PostgresRowWriter {
    var writer = PostgresRowWriter()
    for row in rows { try row.append(to: &writer) }
    return writer
  }

  private static func write(
    _ rows: PostgresRowWriter, _ copy: StaticString, _ insert: StaticString?, in transaction: PostgresTransaction
  ) async throws(PostgresError) {
    if rows.rowCount == 0 { return }
    try await transaction.copy(copy, rows)
    if let insert { try await transaction.query(insert) }
  }
}
