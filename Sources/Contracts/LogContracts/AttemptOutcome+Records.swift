package import LogRecords
internal import MillraceDomain

extension AttemptOutcome {
  /// The record for `results`, on the partition number of its task. Its `ce_id` is `<invocation>/<attempt>`.
  package func encodedResult(taskPartition: Int32, context: RecordContext) -> OutgoingRecord {
    encoded(.results, partition: taskPartition, key: invocation.description, context: context)
  }

  /// The record for `replies`, on the partition where the gateway waits; its key is the gateway's id.
  package func encodedReply(to reply: TaskRecord.Reply, context: RecordContext) -> OutgoingRecord {
    encoded(.replies, partition: reply.partition, key: reply.gateway.text, context: context)
  }

  private func encoded(
    _ topic: TopicDeclaration, partition: Int32, key: String, context: RecordContext
  ) -> OutgoingRecord {
    let id = invocation.description
    var headers = RecordHeaders(topic, id: "\(id)/\(attempt)", context: context, contentType: "application/json")
    headers.append(HeaderName.invocationID, id)
    headers.append(HeaderName.attempt, Int64(attempt.number))
    headers.append(HeaderName.namespace, namespace.text)
    headers.append(HeaderName.function, function.text)
    if let version { headers.append(HeaderName.functionVersion, Int64(version.number)) }
    headers.append(HeaderName.status, status.rawValue)
    headers.append(HeaderName.errorType, optional: errorType)
    headers.append(HeaderName.errorMessage, optional: errorMessage)
    headers.append(HeaderName.submittedAt, measurement.submittedAt.milliseconds)
    headers.append(HeaderName.startedAt, measurement.startedAt.milliseconds)
    headers.append(HeaderName.finishedAt, measurement.finishedAt.milliseconds)
    headers.append(HeaderName.durationMicroseconds, measurement.durationMicroseconds)
    headers.append(HeaderName.billedMilliseconds, measurement.billedMilliseconds)
    if let initMicroseconds = measurement.initMicroseconds {
      headers.append(HeaderName.initMicroseconds, initMicroseconds)
    }
    headers.append(HeaderName.memoryMebibytes, measurement.memoryMebibytes)
    headers.append(HeaderName.maximumMemoryMebibytes, measurement.maximumMemoryMebibytes)
    headers.append(HeaderName.executor, executor.text)
    headers.append(HeaderName.taskOffset, taskOffset)
    return OutgoingRecord(
      topic: topic.name, partition: partition, key: Array(key.utf8), value: payload, headers: headers)
  }

  /// From a record of `results`.
  ///
  /// - Throws: ``ContractError``: the record is for `deadletters`.
  package init(decodingResult record: ConsumedRecord) throws(ContractError) { try self.init(record, of: .results) }

  /// From a record of `replies`.
  ///
  /// - Throws: ``ContractError``: the record is for `deadletters`.
  package init(decodingReply record: ConsumedRecord) throws(ContractError) { try self.init(record, of: .replies) }

  private init(_ record: ConsumedRecord, of topic: TopicDeclaration) throws(ContractError) {
    let reader = try HeaderReader(record, of: topic)
    let statusText = try reader.text(HeaderName.status)
    guard let status = InvocationStatus(rawValue: statusText), status.isTerminal else {
      throw ContractError(.badHeader, "ce_status is '\(statusText.prefix(40))'; a terminal state is expected")
    }
    guard let payload = record.value else {
      throw ContractError(.badValue, "an outcome has a payload; this is a tombstone")
    }
    self.init(
      invocation: try reader.invocationID(HeaderName.invocationID), attempt: try reader.attempt(),
      namespace: try reader.namespace(), function: try reader.value(HeaderName.function, FunctionName.init),
      version: try reader.optionalVersion(), status: status, errorType: try reader.optionalText(HeaderName.errorType),
      errorMessage: try reader.optionalText(HeaderName.errorMessage), payload: payload,
      measurement: try AttemptMeasurement(reader), executor: try reader.value(HeaderName.executor, ComponentID.init),
      taskOffset: try reader.count(HeaderName.taskOffset))
  }
}

extension AttemptMeasurement {
  fileprivate init(_ reader: HeaderReader) throws(ContractError) {
    self.init(
      submittedAt: Timestamp(milliseconds: try reader.number(HeaderName.submittedAt)),
      startedAt: Timestamp(milliseconds: try reader.number(HeaderName.startedAt)),
      finishedAt: Timestamp(milliseconds: try reader.number(HeaderName.finishedAt)),
      durationMicroseconds: try reader.number(HeaderName.durationMicroseconds),
      billedMilliseconds: try reader.number(HeaderName.billedMilliseconds),
      initMicroseconds: try reader.optionalNumber(HeaderName.initMicroseconds),
      memoryMebibytes: try reader.number(HeaderName.memoryMebibytes),
      maximumMemoryMebibytes: try reader.number(HeaderName.maximumMemoryMebibytes))
  }
}
