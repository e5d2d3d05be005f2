internal import EventLog
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Telemetry

/// What came of a task, told to the log.
extension ExecutorStage {
  /// The task has come to an end: its reply is sent, for somebody waits for it, then its output and its result.
  func finish(_ work: ExecutorWork, _ ending: ExecutorRules.Ending) {
    metrics.ended(ending.status)
    work.isFinished = true
    let now = options.now()
    let outcome = outcome(of: work, ending, at: now)
    if let reply = work.task.reply {
      // Its caller has a timeout of its own, and the result tells the same: not sent again.
      replies.send(outcome.encodedReply(to: reply, context: context(of: work))) { _ in }
    }
    work.unacknowledged += 1
    sendOutput(work, ending, at: now)
    sendResult(outcome, of: work)
  }

  private func sendOutput(_ work: ExecutorWork, _ ending: ExecutorRules.Ending, at now: Timestamp) {
    guard var log = work.log else { return }
    let report = LogBuffer.Report(
      durationMicroseconds: ending.durationMicroseconds, billedMilliseconds: ending.billedMilliseconds,
      memoryMebibytes: memory(of: work), maximumMemoryMebibytes: ending.peakMebibytes,
      initMicroseconds: ending.initMicroseconds, droppedBytes: ending.droppedOutputBytes,
      processLimitReached: ending.processLimitReached, remark: ending.remark)
    send(log.end(report, at: now), of: work)
    work.log = nil
  }

  private func memory(of work: ExecutorWork) -> Int64 { Int64(work.version?.configuration.memoryMebibytes ?? 0) }

  private func context(of work: ExecutorWork) -> RecordContext {
    RecordContext(
      source: context.source, traceParent: work.task.context.traceParent,
      causationID: work.task.invocation.description)
  }

  private func outcome(of work: ExecutorWork, _ ending: ExecutorRules.Ending, at now: Timestamp) -> AttemptOutcome {
    let measurement = AttemptMeasurement(
      submittedAt: work.submittedAt, startedAt: work.startedAt ?? now, finishedAt: now,
      durationMicroseconds: ending.durationMicroseconds, billedMilliseconds: ending.billedMilliseconds,
      initMicroseconds: ending.initMicroseconds, memoryMebibytes: memory(of: work),
      maximumMemoryMebibytes: ending.peakMebibytes)
    return AttemptOutcome(
      invocation: work.task.invocation, attempt: work.task.attempt, namespace: work.task.namespace,
      function: work.task.function, version: work.version?.number, status: ending.status, errorType: ending.errorType,
      errorMessage: ending.errorMessage, payload: ending.payload, measurement: measurement, executor: options.id,
      taskOffset: work.offset)
  }

  private func sendResult(_ outcome: AttemptOutcome, of work: ExecutorWork) {
    let partition = work.partition.partition.partition
    send(outcome.encodedResult(taskPartition: partition, context: context(of: work))) { [self] offset in
      if offset >= 0 { work.resultOffset = offset }
      acknowledged(work)
    }
  }

  func send(_ piece: LogBuffer.Piece, of work: ExecutorWork) {
    let record = OutputRecord(
      invocation: work.task.invocation, attempt: work.task.attempt, namespace: work.task.namespace,
      function: work.task.function, version: work.version?.number, sequence: piece.sequence, phase: piece.phase,
      loggedAt: piece.loggedAt, text: piece.text)
    work.unacknowledged += 1
    send(record.encoded(taskPartition: work.partition.partition.partition, context: context(of: work))) { [self] _ in
      acknowledged(work)
    }
  }

  /// One of the task's records is on the log; with the last one, which is never before the result, the task is done.
  func acknowledged(_ work: ExecutorWork) {
    work.unacknowledged -= 1
    guard work.unacknowledged == 0, work.isFinished else { return }
    complete(work.offset, of: work.partition, resultOffset: work.resultOffset)
  }

  /// Sends a record until the log has it, and calls `done` with its offset, or -1 where the log does not tell.
  func send(_ record: OutgoingRecord, _ done: @escaping (Int64) -> Void) {
    producer.send(record) { [weak self] result in
      switch result {
      case .success(let position): done(position.offset)
      case .failure(let error): self?.sendAgain(record, error, done)
      }
    }
  }

  private func sendAgain(_ record: OutgoingRecord, _ error: EventLogError, _ done: @escaping (Int64) -> Void) {
    guard !isClosed, !error.isFatal else { return }
    metrics.resends.increment()
    logger.warning(
      "the log has not taken a record; it is sent again",
      [(ExecutorSignals.topic, record.topic), (ExecutorSignals.reason, error.description)])
    loop.schedule(after: ExecutorLimits.resendInterval) { [weak self] in self?.send(record, done) }
  }
}
