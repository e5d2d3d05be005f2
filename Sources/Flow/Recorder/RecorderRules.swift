package import LogContracts
package import LogRecords
internal import MillraceDomain

/// Which of the topics a record is from.
package enum RecorderSource: CaseIterable, Sendable {
  case tasks, results, logs, deadLetters
}

/// What a record says, as far as the recorder keeps it.
package enum RecordedFact: Equatable, Sendable {
  /// Something about an invocation.
  case invocation(InvocationRow)
  /// An attempt has finished: a row for it, and what it means for its invocation.
  case finished(AttemptRow, InvocationRow)
  /// Output; of its first record also that the attempt runs.
  case output(OutputRow, InvocationRow?)
  /// A record that could not be processed; of a task also what that means for its invocation.
  case deadLetter(DeadLetterRow, InvocationRow?)
  /// A task that breaks its contract. The executor reads it too and puts it on `deadletters`: that letter is what is kept.
  case malformedTask
  /// The record breaks its contract, or cannot be kept: it goes to `deadletters`.
  case poison(ContractError)
  /// A dead letter that cannot be read: there is nowhere further for it to go.
  case unreadable(ContractError)
}

/// What the recorder makes of records. Facts may arrive in any order of partitions and more than once: what is kept is the same.
package enum RecorderRules {
  /// Reads one record.
  package static func fact(of record: ConsumedRecord, from source: RecorderSource) -> RecordedFact {
    do throws(ContractError) {
      switch source {
      case .tasks: return try task(record)
      case .results: return try finished(record)
      case .logs: return try output(record)
      case .deadLetters: return try deadLetter(record)
      }
    } catch {
      switch source {
      case .tasks, .results, .logs: return .poison(error)
      case .deadLetters: return .unreadable(error)
      }
    }
  }

  private static func task(_ record: ConsumedRecord) throws(ContractError) -> RecordedFact {
    guard let task = try? TaskRecord(decoding: record) else { return .malformedTask }
    // The contract allows it and the executor runs it: only the database refuses it.
    if let trace = task.context.traceParent, trace.utf8.contains(0) {
      throw ContractError(.badHeader, "ce_traceparent holds a NUL, which cannot be stored")
    }
    var row = InvocationRow(
      id: task.invocation, namespace: task.namespace, function: task.function, attempt: task.attempt)
    row.task = InvocationRow.TaskPart(
      attempt: task.attempt, version: task.version, submittedAt: Timestamp(milliseconds: record.timestampMilliseconds),
      place: RecordPlace(record.position), requestBytes: Int64(task.event.count), traceParent: task.context.traceParent)
    return .invocation(row)
  }

  private static func finished(_ record: ConsumedRecord) throws(ContractError) -> RecordedFact {
    let outcome = try AttemptOutcome(decodingResult: record)
    let place = RecordPlace(record.position)
    let errorType = outcome.errorType.map(storable)
    var row = InvocationRow(
      id: outcome.invocation, namespace: outcome.namespace, function: outcome.function, attempt: outcome.attempt)
    row.outcome = InvocationRow.OutcomePart(
      attempt: outcome.attempt, status: outcome.status, version: outcome.version, measurement: outcome.measurement,
      place: place, payload: outcome.payload, errorType: errorType, errorMessage: outcome.errorMessage.map(storable))
    return .finished(AttemptRow(outcome, errorType: errorType, place: place), row)
  }

  private static func output(_ record: ConsumedRecord) throws(ContractError) -> RecordedFact {
    let output = try OutputRecord(decoding: record)
    let line = OutputRow(
      id: output.invocation, attempt: output.attempt, sequence: output.sequence, loggedAt: output.loggedAt,
      text: output.text)
    switch output.phase {
    case .middle, .end: return .output(line, nil)
    case .begin, .whole: break
    }
    var row = InvocationRow(
      id: output.invocation, namespace: output.namespace, function: output.function, attempt: output.attempt)
    row.running = InvocationRow.RunningPart(
      attempt: output.attempt, version: output.version, at: output.loggedAt, place: RecordPlace(record.position))
    return .output(line, row)
  }

  private static func deadLetter(_ record: ConsumedRecord) throws(ContractError) -> RecordedFact {
    let letter = try DeadLetterRecord(decoding: record)
    let diedAt = Timestamp(milliseconds: record.timestampMilliseconds)
    let row = DeadLetterRow(
      topic: storable(letter.origin.partition.topic), place: RecordPlace(letter.origin),
      code: storable(letter.reasonCode),
      reason: storable(letter.reason), invocation: letter.invocation, function: letter.function, at: diedAt,
      letterPlace: RecordPlace(record.position))
    // A result or a log record that could not be kept says nothing on how its invocation ended.
    guard letter.origin.partition.topic == TopicDeclaration.tasks.name, let id = letter.invocation else {
      return .deadLetter(row, nil)
    }
    let attempt = letter.originalHeaders.number(of: HeaderName.attempt).flatMap { try? AttemptNumber($0) } ?? .first
    var dead = InvocationRow(id: id, namespace: nil, function: letter.function, attempt: attempt)
    dead.death = InvocationRow.DeathPart(at: diedAt, reason: row.reason)
    return .deadLetter(row, dead)
  }

  /// Text for people, in which a NUL, which PostgreSQL refuses, is made visible. A function may raise an error whose message
  /// holds one: its outcome must be recorded all the same, and the payload has the true bytes.
  static func storable(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(text.unicodeScalars.map { $0 == "\0" ? "\u{2400}" : Character($0) })
  }

  // MARK: sharing the work

  /// How many shards each of so many recorders may own, so that all are owned and none has more than its part.
  package static func fairShare(shards: Int, recorders: Int) -> Int {
    (shards + max(1, recorders) - 1) / max(1, recorders)
  }
}
