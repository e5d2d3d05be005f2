internal import LogContracts
internal import MillraceDomain
internal import Postgres

extension PostgresUUID {
  init(_ id: InvocationID) { self.init(id.uuid) }
  init(_ uuid: UUIDv7) { self.init(high: uuid.high, low: uuid.low) }
}

extension PostgresTimestamp {
  init(_ time: Timestamp) { self.init(milliseconds: time.milliseconds) }
}

/// A row in the binary form of COPY.
protocol CopiedRow {
  func append(to writer: inout PostgresRowWriter) throws(PostgresError)
}

extension InvocationRow: CopiedRow {
  func append(to writer: inout PostgresRowWriter) throws(PostgresError) { try writer.append(self) }
}
extension AttemptRow: CopiedRow {
  func append(to writer: inout PostgresRowWriter) throws(PostgresError) { try writer.append(self) }
}
extension OutputRow: CopiedRow {
  func append(to writer: inout PostgresRowWriter) throws(PostgresError) { try writer.append(self) }
}
extension DeadLetterRow: CopiedRow {
  func append(to writer: inout PostgresRowWriter) throws(PostgresError) { try writer.append(self) }
}

/// The columns of the staging tables, in their order.
extension PostgresRowWriter {
  mutating func append(_ row: InvocationRow) throws(PostgresError) {
    beginRow(columns: 29)
    append(PostgresUUID(row.id))
    try append(row.namespace?.text)
    try append(row.function?.text)
    append(int32: row.newestAttempt.number)
    try append(row.task)
    try append(row.running)
    try append(row.outcome)
    try append(row.death.map { PostgresTimestamp($0.at) })
    try append(row.death?.reason)
  }

  private mutating func append(_ part: InvocationRow.TaskPart?) throws(PostgresError) {
    guard let part else { return appendNulls(7) }
    append(int32: part.attempt.number)
    append(part.version?.number)
    try append(PostgresTimestamp(part.submittedAt))
    append(part.place)
    append(int64: part.requestBytes)
    try append(part.traceParent)
  }

  private mutating func append(_ part: InvocationRow.RunningPart?) throws(PostgresError) {
    guard let part else { return appendNulls(5) }
    append(int32: part.attempt.number)
    append(part.version?.number)
    try append(PostgresTimestamp(part.at))
    append(part.place)
  }

  private mutating func append(_ part: InvocationRow.OutcomePart?) throws(PostgresError) {
    guard let part else { return appendNulls(11) }
    append(int32: part.attempt.number)
    try append(part.status.rawValue)
    append(part.version?.number)
    try append(PostgresTimestamp(part.measurement.submittedAt))
    try append(PostgresTimestamp(part.measurement.startedAt))
    try append(PostgresTimestamp(part.measurement.finishedAt))
    append(part.place)
    append(bytes: part.payload)
    try append(part.errorType)
    try append(part.errorMessage)
  }

  mutating func append(_ row: AttemptRow) throws(PostgresError) {
    beginRow(columns: 18)
    append(PostgresUUID(row.id))
    append(int32: row.attempt.number)
    try append(row.namespace.text)
    try append(row.function.text)
    append(row.version?.number)
    try append(row.status.rawValue)
    try append(PostgresTimestamp(row.measurement.submittedAt))
    try append(PostgresTimestamp(row.measurement.startedAt))
    try append(PostgresTimestamp(row.measurement.finishedAt))
    append(int64: row.measurement.durationMicroseconds)
    append(int64: row.measurement.billedMilliseconds)
    append(row.measurement.initMicroseconds)
    append(int64: row.measurement.memoryMebibytes)
    append(int64: row.measurement.maximumMemoryMebibytes)
    try append(row.executor.text)
    try append(row.errorType)
    append(row.place)
  }

  mutating func append(_ row: OutputRow) throws(PostgresError) {
    beginRow(columns: 5)
    append(PostgresUUID(row.id))
    append(int32: row.attempt.number)
    append(int64: row.sequence)
    try append(PostgresTimestamp(row.loggedAt))
    append(bytes: row.text)
  }

  mutating func append(_ row: DeadLetterRow) throws(PostgresError) {
    beginRow(columns: 10)
    try append(row.topic)
    append(row.place)
    try append(row.code)
    try append(row.reason)
    try append(row.invocation.map { PostgresUUID($0) })
    try append(row.function?.text)
    try append(PostgresTimestamp(row.at))
    append(row.letterPlace)
  }

  private mutating func append(_ place: RecordPlace) {
    append(int32: place.partition)
    append(int64: place.offset)
  }

  private mutating func appendNulls(_ count: Int) {
    for _ in 0..<count { appendNull() }
  }
}
