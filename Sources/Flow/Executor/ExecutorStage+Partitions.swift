internal import EventLog
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Telemetry

/// Partitions that are to be given up once what has begun in them is done.
final class Revocation {
  let partitions: [OwnedPartition]
  let done: () -> Void
  var isCommitting = false

  init(_ partitions: [OwnedPartition], done: @escaping () -> Void) {
    self.partitions = partitions
    self.done = done
  }
}

/// Partitions come and go, and offsets are committed.
extension ExecutorStage: GroupConsumerHandler {
  func consumer(_ consumer: GroupConsumer, assigned partitions: [AssignedPartition]) {
    for assigned in partitions {
      let number = assigned.partition.partition
      let place = CommitMetadata.resultsOffset(assigned.committedMetadata) ?? 0
      owned[number] = OwnedPartition(
        partition: assigned.partition, committedOffset: assigned.committedOffset, inheritedResultsOffset: place)
      results.add([ExecutorStage.results(of: number): place == 0 ? .earliest : .offset(place)])
    }
    // Whoever waits for somebody to run the tasks need not wait for the next one.
    heartbeat()
  }

  private static func results(of number: Int32) -> TopicPartition {
    TopicPartition(TopicDeclaration.results.name, number)
  }

  /// Results that the last owner has left.
  func lookedAt(_ records: [ConsumedRecord], of partition: TopicPartition) {
    guard let owned = owned[partition.partition] else { return }
    for record in records {
      guard let outcome = try? AttemptOutcome(decodingResult: record),
        outcome.taskOffset >= owned.committedOffset ?? 0
      else { continue }
      owned.inherited.insert(outcome)
    }
  }

  /// All results are known: the tasks may come.
  func begin(_ partition: TopicPartition, resultsEnd: Int64) {
    results.remove([partition])
    guard let owned = owned[partition.partition], owned.tracker == nil, !owned.isLeaving else { return }
    owned.tracker = PartitionTracker(
      offset: owned.committedOffset, inheritedResultsOffset: owned.inheritedResultsOffset, resultsEnd: resultsEnd,
      lastInheritedTask: owned.inherited.lastTask)
    if owned.inherited.forgottenCount > 0 {
      logger.warning(
        "there are more results without a commit than can be remembered; the oldest tasks may run again",
        [
          (ExecutorSignals.partition, String(partition.partition)),
          (ExecutorSignals.count, String(owned.inherited.forgottenCount)),
        ])
    }
    consumer.start(owned.partition, at: .committed)
  }

  func consumer(_ consumer: GroupConsumer, received records: [ConsumedRecord], from partition: TopicPartition) {
    guard let owned = owned[partition.partition], !owned.isLeaving, owned.tracker != nil else { return }
    if !owned.hasBegun, let first = records.first {
      owned.hasBegun = true
      owned.inherited.begin(at: first.position.offset)
    }
    for record in records {
      let offset = record.position.offset
      owned.tracker!.add(offset, byteCount: record.value?.count ?? 0)
      if owned.inherited.contains(offset), hasRun(record, in: owned) {
        metrics.skipped.increment()
        owned.tracker!.complete(offset)
      } else {
        take(record, of: owned)
      }
    }
    holdWindow(owned)
  }

  /// Whether the last owner has left a result of this very task; its caller is told once more.
  private func hasRun(_ record: ConsumedRecord, in owned: OwnedPartition) -> Bool {
    let task = try? TaskRecord(decoding: record)
    switch owned.inherited.take(record.position.offset, task?.invocation) {
    case .notRun: return false
    case .run(let outcome):
      if let task, let outcome { replyAgain(outcome, to: task) }
      return true
    }
  }

  /// The last owner may have been killed between result and reply. A gateway that has its answer already ignores another.
  private func replyAgain(_ outcome: AttemptOutcome, to task: TaskRecord) {
    guard let reply = task.reply else { return }
    let context = RecordContext(
      source: context.source, traceParent: task.context.traceParent, causationID: task.invocation.description)
    replies.send(outcome.encodedReply(to: reply, context: context)) { _ in }
  }

  /// Pauses a partition of which too much is under way, and resumes it when half of that is done.
  private func holdWindow(_ owned: OwnedPartition) {
    guard let tracker = owned.tracker, !owned.isLeaving else { return }
    let decision = ExecutorRules.window(
      unfinishedCount: tracker.unfinishedCount, unfinishedBytes: tracker.unfinishedBytes, isPaused: owned.isPaused)
    switch decision {
    case .asItIs: break
    case .pause:
      owned.isPaused = true
      consumer.pause([owned.partition])
    case .resume:
      owned.isPaused = false
      consumer.resume([owned.partition])
    }
  }

  /// A task is done for good.
  func complete(_ offset: Int64, of owned: OwnedPartition, resultOffset: Int64?) {
    owned.activeCount -= 1
    owned.tracker?.complete(offset, resultOffset: resultOffset)
    holdWindow(owned)
    if owned.isLeaving { finishRevocations() }
    if (owned.tracker?.uncommittedCount ?? 0) >= ExecutorLimits.commitCount { commit() }
  }

  // MARK: committing

  func commit() {
    guard !isCommitting, consumer != nil else { return }
    let due = commits(of: owned.values.filter { !$0.isLeaving })
    guard !due.isEmpty else { return }
    isCommitting = true
    lastCommit = LoopInstant.current()
    send(due) { [weak self] in self?.isCommitting = false }
  }

  private func commits(of partitions: [OwnedPartition]) -> [(OwnedPartition, PartitionTracker.Commit)] {
    partitions.compactMap { owned in owned.tracker?.due.map { (owned, $0) } }
  }

  /// What is not committed now is with the next commit: an error is none of the tasks'.
  private func send(_ due: [(OwnedPartition, PartitionTracker.Commit)], _ answered: @escaping () -> Void) {
    var offsets: [TopicPartition: GroupConsumer.Commit] = [:]
    for (owned, commit) in due {
      offsets[owned.partition] = (commit.offset, CommitMetadata.text(resultsOffset: commit.resultsOffset))
    }
    consumer.commit(offsets) { [weak self] result in
      switch result {
      case .success: for (owned, commit) in due { owned.tracker?.committed(commit) }
      case .failure(let error):
        self?.logger.warning("offsets were not committed", [(ExecutorSignals.reason, error.description)])
      }
      answered()
    }
  }

  // MARK: going

  func consumer(
    _ consumer: GroupConsumer, revoked partitions: [TopicPartition], done: @escaping () -> Void
  ) {
    let leaving = leave(partitions)
    revocations.append(Revocation(leaving, done: done))
    finishRevocations()
  }

  func consumer(_ consumer: GroupConsumer, lost partitions: [TopicPartition]) {
    _ = leave(partitions)
  }

  func consumer(_ consumer: GroupConsumer, failed error: EventLogError) { logFailed(error) }

  /// Nothing of the partitions is begun any more.
  private func leave(_ partitions: [TopicPartition]) -> [OwnedPartition] {
    let leaving = partitions.compactMap { owned.removeValue(forKey: $0.partition) }
    for partition in leaving {
      partition.isLeaving = true
      if partition.tracker == nil { results.remove([ExecutorStage.results(of: partition.partition.partition)]) }
    }
    let withdrawn = waiting.values.filter { $0.partition.isLeaving }
    for work in withdrawn {
      work.isWithdrawn = true
      endCatalogueWait(of: work)
      waiting[work.number] = nil
      work.partition.activeCount -= 1
    }
    let numbers = Set(withdrawn.map(\.number))
    _ = dispatcher.withdraw { numbers.contains($0) }
    return leaving
  }

  func finishRevocations() {
    for revocation in revocations
    where !revocation.isCommitting && revocation.partitions.allSatisfy({ $0.activeCount == 0 }) {
      revocation.isCommitting = true
      send(commits(of: revocation.partitions)) { [weak self] in
        self?.revocations.removeAll { $0 === revocation }
        revocation.done()
      }
    }
  }
}
