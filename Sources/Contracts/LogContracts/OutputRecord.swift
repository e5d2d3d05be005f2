package import LogRecords
package import MillraceDomain

/// Captured output of one attempt, one or more whole lines in order (topic `logs`, on the partition number of the task).
/// The records of an attempt are numbered from 0.
package struct OutputRecord: Hashable, Sendable {
  /// Where in the attempt the record stands.
  package enum Phase: String, Sendable {
    /// It begins with the START line and more follows: the attempt is running.
    case begin
    /// Neither the first nor the last.
    case middle
    /// It ends with the REPORT line.
    case end
    /// It is all of the attempt's output.
    case whole
  }

  /// The invocation.
  package var invocation: InvocationID
  /// Which attempt.
  package var attempt: AttemptNumber
  /// Whose function.
  package var namespace: NamespaceName
  /// The function.
  package var function: FunctionName
  /// The version that runs.
  package var version: VersionNumber?
  /// The record's number within the attempt, from 0.
  package var sequence: Int64
  /// Where in the attempt it stands.
  package var phase: Phase
  /// When the first of its lines was read.
  package var loggedAt: Timestamp
  /// The lines, each with its line feed. Any bytes: what the function wrote.
  package var text: [UInt8]

  /// A record from its parts.
  package init(
    invocation: InvocationID, attempt: AttemptNumber, namespace: NamespaceName, function: FunctionName,
    version: VersionNumber?,
    sequence: Int64, phase: Phase, loggedAt: Timestamp, text: [UInt8]
  ) {
    self.invocation = invocation
    self.attempt = attempt
    self.namespace = namespace
    self.function = function
    self.version = version
    self.sequence = sequence
    self.phase = phase
    self.loggedAt = loggedAt
    self.text = text
  }

  /// The record for `logs`. Its `ce_id` is `<invocation>/<attempt>/<sequence>`.
  package func encoded(taskPartition: Int32, context: RecordContext) -> OutgoingRecord {
    let id = invocation.description
    var headers = RecordHeaders(
      .logs, id: "\(id)/\(attempt)/\(sequence)", context: context, contentType: "text/plain; charset=utf-8")
    headers.append(HeaderName.invocationID, id)
    headers.append(HeaderName.attempt, Int64(attempt.number))
    headers.append(HeaderName.namespace, namespace.text)
    headers.append(HeaderName.function, function.text)
    if let version { headers.append(HeaderName.functionVersion, Int64(version.number)) }
    headers.append(HeaderName.sequence, sequence)
    headers.append(HeaderName.phase, phase.rawValue)
    headers.append(HeaderName.startedAt, loggedAt.milliseconds)
    return OutgoingRecord(
      topic: TopicDeclaration.logs.name, partition: taskPartition, key: Array(id.utf8), value: text, headers: headers)
  }

  /// - Throws: ``ContractError``: the record is for `deadletters`.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    let reader = try HeaderReader(record, of: .logs)
    let phaseText = try reader.text(HeaderName.phase)
    guard let phase = Phase(rawValue: phaseText) else {
      throw ContractError(.badHeader, "ce_phase is '\(phaseText.prefix(40))'; begin, middle, end or whole is expected")
    }
    guard let text = record.value else { throw ContractError(.badValue, "a log record has text; this is a tombstone") }
    let sequence = try reader.number(HeaderName.sequence)
    guard sequence >= 0 else { throw ContractError(.badHeader, "ce_sequence is \(sequence); records count from 0") }
    self.init(
      invocation: try reader.invocationID(HeaderName.invocationID), attempt: try reader.attempt(),
      namespace: try reader.namespace(), function: try reader.value(HeaderName.function, FunctionName.init),
      version: try reader.optionalVersion(), sequence: sequence, phase: phase,
      loggedAt: Timestamp(milliseconds: try reader.number(HeaderName.startedAt)), text: text)
  }
}
