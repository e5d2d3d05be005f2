internal import CRdKafka
internal import EventLoop
internal import LogRecords

/// Where a change of the group's members stands. The library waits for our answer before it begins the next one.
enum RebalancePhase {
  case steady
  /// The committed offsets of new partitions are being asked for; asked again until the coordinator answers.
  case asking(partitions: [TopicPartition])
  /// The owner drains; the timer gives the partitions up without it.
  case draining(id: Int, partitions: [TopicPartition], deadline: LoopTimer)
}

extension GroupConsumer {
  func handleRebalance(_ event: OpaquePointer) {
    counters.rebalances += 1
    let list = unsafe rd_kafka_event_topic_partition_list(event)
    let partitions = unsafe list.map { unsafe PartitionList.elements(of: $0).map(\.partition) } ?? []
    switch unsafe rd_kafka_event_error(event) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      // While closing there is nobody to start them; the library wants its answer even so.
      if partitions.isEmpty || isClosing { return assign(partitions.map { ($0, nil, nil) }) }
      phase = .asking(partitions: partitions)
      askCommittedOffsets(partitions)
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      revoke(partitions, isLost: unsafe rd_kafka_assignment_lost(client.raw) != 0)
    default:
      report(EventLogError(unsafe rd_kafka_event_error(event)))
      unsafe rd_kafka_assign(client.raw, nil)
    }
  }

  // MARK: partitions come

  /// By the call that blocks, on a thread of its own: the question of the admin interface, which does not, ends the process
  /// by an assertion of the library's (2.0.2, `rd_kafka_enq_once_del_source_return`) when the coordinator dies meanwhile.
  private func askCommittedOffsets(_ partitions: [TopicPartition]) {
    questionsUnderWay += 1
    client.loop.spawn { [self] in
      let answer: Swift.Result<[TopicPartition: CommittedOffset], any Error>
      do {
        answer = .success(try await pool.run { [client] in try CommittedOffset.ask(client, partitions) })
      } catch { answer = .failure(error) }
      questionsUnderWay -= 1
      if questionsUnderWay == 0 {
        for continuation in waitingForQuestions { continuation.resume() }
        waitingForQuestions = []
      }
      handleCommittedOffsets(answer)
    }
  }

  private func handleCommittedOffsets(_ answer: Swift.Result<[TopicPartition: CommittedOffset], any Error>) {
    guard client.isOpen, case .asking(let partitions) = phase else { return }
    if isClosing { return assign(partitions.map { ($0, nil, nil) }) }
    switch answer {
    case .success(let committed):
      assign(partitions.map { ($0, committed[$0]?.offset, committed[$0]?.metadata) })
    case .failure(let error):
      // A guess would read again or skip.
      report(error as? EventLogError ?? EventLogError(.other, "\(error)"))
      askAgain(partitions)
    }
    client.drainSoon()
  }

  private func askAgain(_ partitions: [TopicPartition]) {
    client.loop.schedule(after: EventLogLimits.committedOffsetsRetryInterval) { [weak self] in
      guard let self, client.isOpen, case .asking(let waiting) = phase, waiting == partitions else { return }
      if isClosing { return assign(partitions.map { ($0, nil, nil) }) }
      askCommittedOffsets(partitions)
    }
  }

  private func assign(_ partitions: [(partition: TopicPartition, offset: Int64?, metadata: String?)]) {
    phase = .steady
    let list = PartitionList()
    let nothing = RD_KAFKA_OFFSET_BEGINNING
    for (partition, offset, _) in partitions {
      if !feeds.contains(partition) { feeds.open(partition, of: client, isFlowing: false) }
      startingOffsets[partition] = offset ?? Int64(nothing)
      list.add(partition, offset: offset ?? Int64(nothing))
    }
    if let error = unsafe rd_kafka_incremental_assign(client.raw, list.raw) {
      report(unsafe EventLogError(consuming: error))
    }
    guard !isClosing, !partitions.isEmpty else { return }
    handler?.consumer(
      self,
      assigned: partitions.map {
        AssignedPartition(partition: $0.partition, committedOffset: $0.offset, committedMetadata: $0.metadata)
      })
  }

  /// Begins again elsewhere. Taking the partition away and giving it again drops what was fetched and needs no answer.
  func restart(_ partition: TopicPartition, at offset: Int64) {
    let old = PartitionList([partition])
    if let error = unsafe rd_kafka_incremental_unassign(client.raw, old.raw) {
      return report(unsafe EventLogError(consuming: error))
    }
    let new = PartitionList()
    new.add(partition, offset: offset)
    startingOffsets[partition] = offset
    if let error = unsafe rd_kafka_incremental_assign(client.raw, new.raw) {
      report(unsafe EventLogError(consuming: error))
    }
  }

  // MARK: partitions go

  private func revoke(_ partitions: [TopicPartition], isLost: Bool) {
    for partition in partitions { feeds.setFlowing(partition, false) }
    if isLost {
      unassign(partitions)
      if !partitions.isEmpty { handler?.consumer(self, lost: partitions) }
      return
    }
    guard !partitions.isEmpty, let handler else { return unassign(partitions) }
    let id = counters.rebalances
    let deadline = client.loop.schedule(after: settings.revocationDeadline) { [weak self] in
      guard let self else { return }
      logged?(4, "revoked partitions were not drained in time")
      finishRevocation(id)
    }
    phase = .draining(id: id, partitions: partitions, deadline: deadline)
    handler.consumer(self, revoked: partitions) { [weak self] in self?.finishRevocation(id) }
  }

  private func finishRevocation(_ wanted: Int) {
    precondition(client.loop.isCurrent)
    guard client.isOpen, case .draining(let id, let partitions, let deadline) = phase, id == wanted else { return }
    deadline.cancel()
    unassign(partitions)
    client.drainSoon()
  }

  private func unassign(_ partitions: [TopicPartition]) {
    phase = .steady
    for partition in partitions {
      feeds.close(partition)
      startingOffsets[partition] = nil
    }
    let list = PartitionList(partitions)
    if let error = unsafe rd_kafka_incremental_unassign(client.raw, list.raw) {
      report(unsafe EventLogError(consuming: error))
    }
  }

  // MARK: leaving

  /// Leaves the group: revokes what is assigned (the owner drains it as always), then frees the client. A static member
  /// does not tell the group, so that it keeps its partitions when it comes back in time.
  package func close() async {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { return }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      closing.append(continuation)
      guard !isClosing else { return }
      isClosing = true
      if let error = unsafe rd_kafka_consumer_close_queue(client.raw, client.queue) {
        logged?(4, unsafe EventLogError(consuming: error).description)
        return closeNow()
      }
      if case .asking(let partitions) = phase { assign(partitions.map { ($0, nil, nil) }) }
      checkClosed()
    }
  }

  private func checkClosed() {
    client.loop.schedule(after: EventLogLimits.closingCheckInterval) { [weak self] in
      guard let self, client.isOpen else { return }
      client.drainSoon()
      checkClosed()
    }
  }

  func finishClosing() {
    guard isClosing, client.isOpen, unsafe rd_kafka_consumer_closed(client.raw) != 0 else { return }
    closeNow()
  }

  private func closeNow() {
    livenessTimer?.cancel()
    feeds.closeAll()
    let waiting = closing
    closing = []
    client.loop.spawn { [self] in
      // The threads that ask use the client.
      await withCheckedContinuation { continuation in
        if questionsUnderWay == 0 { continuation.resume() } else { waitingForQuestions.append(continuation) }
      }
      await client.close(flags: RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
      let unanswered = commits
      commits = [:]
      for completed in unanswered.values { completed(.failure(EventLogError(.closed, "the consumer was closed"))) }
      for continuation in waiting { continuation.resume() }
    }
  }
}
