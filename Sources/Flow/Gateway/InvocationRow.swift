internal import LogContracts
internal import MillraceDomain
internal import Postgres

/// An invocation as the recorder has it.
struct InvocationRow: Sendable {
  /// A state on the way, where it stands on the log, and when it was reached.
  struct Moment: Sendable {
    let state: InvocationStatus
    let attempt: Int32?
    let topic: TopicDeclaration
    let partition: Int32?
    let offset: Int64?
    let time: Timestamp
  }

  /// A row that is not as the recorder writes them.
  struct Unreadable: Error {
    let message: String
  }

  let id: InvocationID
  let namespace: String?
  let function: String?
  let version: Int32?
  let status: InvocationStatus
  let attempts: Int32
  let submittedAt: Timestamp?
  let startedAt: Timestamp?
  let finishedAt: Timestamp?
  let errorType: String?
  let errorMessage: String?

  init(_ row: PostgresRow) throws {
    let uuid: PostgresUUID = try row.value("id")
    guard let id = UUIDv7(high: uuid.high, low: uuid.low) else {
      throw Unreadable(message: "an invocation's id is no UUID of version 7")
    }
    self.id = InvocationID(id)
    namespace = try row.optional("namespace")
    function = try row.optional("function")
    version = try row.optional("version")
    let text: String = try row.value("status")
    guard let status = InvocationStatus(rawValue: text) else {
      throw Unreadable(message: "an invocation's status is not known")
    }
    self.status = status
    attempts = try row.value("attempts")
    submittedAt = try Self.time(row, "submitted_at")
    startedAt = try Self.time(row, "started_at")
    finishedAt = try Self.time(row, "finished_at")
    errorType = try row.optional("error_type")
    errorMessage = try row.optional("error_message") ?? row.optional("dead_reason")
  }

  static func time(_ row: PostgresRow, _ name: String) throws -> Timestamp? {
    let time: PostgresTimestamp? = try row.optional(name)
    return time.map { Timestamp(milliseconds: $0.milliseconds) }
  }

  /// The states it has been in, in the order they were reached, from a row that has their places.
  func timeline(_ row: PostgresRow) throws -> [Moment] {
    var moments: [Moment] = []
    if let time = try Self.time(row, "submitted_at") {
      moments.append(
        Moment(
          state: .accepted, attempt: nil, topic: .tasks, partition: try row.optional("task_partition"),
          offset: try row.optional("task_offset"), time: time))
    }
    if let time = try Self.time(row, "running_at") {
      moments.append(
        Moment(
          state: .running, attempt: try row.optional("running_attempt"), topic: .logs,
          partition: try row.optional("running_partition"), offset: try row.optional("running_offset"), time: time))
    } else if let time = startedAt {
      // Its output is not recorded yet, or ended before it was: the result tells when it began.
      moments.append(
        Moment(
          state: .running, attempt: try row.optional("result_attempt"), topic: .results,
          partition: try row.optional("result_partition"), offset: try row.optional("result_offset"), time: time))
    }
    if status.isTerminal, let time = finishedAt {
      let isDead = status == .dead
      moments.append(
        Moment(
          state: status, attempt: try row.optional("result_attempt"), topic: isDead ? .deadLetters : .results,
          partition: try row.optional("result_partition"), offset: try row.optional("result_offset"), time: time))
    }
    return moments
  }
}
