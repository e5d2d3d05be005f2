internal import LogContracts
internal import MillraceDomain

/// An invocation as the gateway's answers show it.
struct InvocationAnswer: Encodable {
  struct Moment: Encodable {
    let state: String
    let time: String
    let attempt: Int32?
    let topic: String
    let partition: Int32?
    let offset: Int64?

    init(_ moment: InvocationRow.Moment) {
      state = moment.state.rawValue
      time = WireTime.text(moment.time)
      attempt = moment.attempt
      topic = moment.topic.name
      partition = moment.partition
      offset = moment.offset
    }
  }

  let id: String
  let function: String?
  let version: Int32?
  let status: String
  let attempts: Int32
  let submittedAt: String?
  let startedAt: String?
  let finishedAt: String?
  let errorType: String?
  let errorMessage: String?
  let timeline: [Moment]?

  init(_ row: InvocationRow, timeline: [InvocationRow.Moment]? = nil) {
    id = row.id.description
    function = row.function
    version = row.version
    status = row.status.rawValue
    attempts = row.attempts
    submittedAt = row.submittedAt.map(WireTime.text)
    startedAt = row.startedAt.map(WireTime.text)
    finishedAt = row.finishedAt.map(WireTime.text)
    errorType = row.errorType
    errorMessage = row.errorMessage
    self.timeline = timeline.map { $0.map(Moment.init) }
  }

  private enum CodingKeys: String, CodingKey {
    case id, function, version, status, attempts, submittedAt, startedAt, finishedAt, errorType, errorMessage, timeline
  }

  /// What an invocation always has is always there: null while it is not known, as before its first attempt.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(function, forKey: .function)
    try container.encode(version, forKey: .version)
    try container.encode(status, forKey: .status)
    try container.encode(attempts, forKey: .attempts)
    try container.encodeIfPresent(submittedAt, forKey: .submittedAt)
    try container.encodeIfPresent(startedAt, forKey: .startedAt)
    try container.encodeIfPresent(finishedAt, forKey: .finishedAt)
    try container.encodeIfPresent(errorType, forKey: .errorType)
    try container.encodeIfPresent(errorMessage, forKey: .errorMessage)
    try container.encodeIfPresent(timeline, forKey: .timeline)
  }
}

/// A page of invocations, and where the next one begins.
struct InvocationPage: Encodable {
  let invocations: [InvocationAnswer]
  let cursor: String?
}

/// An invocation's output, line by line.
struct OutputAnswer: Encodable {
  struct Line: Encodable {
    let attempt: Int32
    let time: String
    let text: String
  }

  let lines: [Line]

  init(_ output: [InvocationQueries.Output]) {
    lines = output.flatMap { record in
      let time = WireTime.text(record.loggedAt)
      // Each record is one or more whole lines, each with its line feed; bytes that are not UTF-8 are repaired.
      var texts = record.text.split(separator: 10, omittingEmptySubsequences: false)
      if texts.last?.isEmpty == true { texts.removeLast() }
      return texts.map { Line(attempt: record.attempt, time: time, text: String(decoding: $0, as: UTF8.self)) }
    }
  }
}
