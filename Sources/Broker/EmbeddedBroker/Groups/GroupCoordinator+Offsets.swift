package import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

extension GroupCoordinator {
  /// Reads the state back and serves. Members are taken to be alive: they go on without noticing. Offsets of topics that are not
  /// there are taken out: the broker was killed before it had done so.
  ///
  /// - Throws: ``BrokerError`` where the log is damaged.
  package func start(_ log: any StateLog, pool: BlockingPool) async throws {
    let began = LoopInstant.current()
    serve(try await pool.run { try LoadedGroups(log) }, from: log, pool: pool)
    let served = topics.snapshot
    await removeOffsets { served.topic($0.topic) == nil }
    logger.info(
      "groups are loaded",
      [
        (GroupSignals.groups, "\(groups.count)"), (GroupSignals.offsets, "\(offsets.count)"),
        (GroupSignals.milliseconds, "\((LoopInstant.current() - began).nanosecondsClamped / 1_000_000)"),
      ])
  }

  /// A topic was deleted: offsets in it mean nothing any more. When it returns, that is durable, so that they do not come back
  /// with a restart once another topic has the name. A commit that was on its way is taken out with the others.
  package func topicDeleted(_ name: String) async {
    precondition(loop.isCurrent)
    await removeOffsets { $0.topic == name }
  }

  private func removeOffsets(where isGone: @escaping (PartitionName) -> Bool) async {
    for id in offsets.groupIDs {
      let removal = offsets.removal(of: id, where: isGone)
      guard !removal.isEmpty else { continue }
      await withCheckedContinuation { done in
        remove(removal, of: id) { _ in done.resume() }
      }
      forgetIfNothing(id)
    }
  }

  // MARK: changes

  /// Appends changes of a group's offsets in one batch; they are seen, and `durable` is called, once they are durable.
  ///
  /// - Throws: where they are refused: nothing has changed.
  func change(_ changes: [OffsetStore.Change], of id: String, durable: @escaping () -> Void) throws(PartitionLogError) {
    var place: OffsetStore.Place?
    var records: [GroupRecord] = []
    for change in changes { records.append(try offsetRecord(id, change)) }
    try append(records) { [self] in
      if let place { offsets.settled(changes, of: id, at: place) }
      metrics.offsets.set(offsets.count)
      durable()
    }
    place = offsets.appended(changes, of: id)
    if groups[id] == nil { groups[id] = CoordinatedGroup(Group(id: id)) }
  }

  /// Takes offsets out, in as many batches as they need; `done` is called once all is durable, or a batch was refused.
  func remove(_ removal: [OffsetStore.Change], of id: String, done: @escaping (ErrorCode) -> Void) {
    var rest = removal[...]
    guard !rest.isEmpty else { return done(.none) }
    do throws(PartitionLogError) {
      while rest.count > GroupLimits.removalsPerBatch {
        try change(Array(rest.prefix(GroupLimits.removalsPerBatch)), of: id) {}
        rest = rest.dropFirst(GroupLimits.removalsPerBatch)
      }
      try change(Array(rest), of: id) { done(.none) }
    } catch {
      logger.warning(
        "committed offsets could not be taken out", [(GroupSignals.group, id), (GroupSignals.reason, error.message)])
      done(.coordinatorNotAvailable)
    }
  }

  /// Takes out what is too old of groups that nobody is in, and such groups as have nothing left.
  func expire() {
    let now = clock()
    for (id, entry) in groups where entry.group.state == .empty && entry.memberCount == 0 {
      let emptySince = entry.group.protocolType == nil ? nil : entry.group.changedMilliseconds
      let expired = offsets.expiry(of: id, emptySince: emptySince, now: now)
      if !expired.isEmpty {
        remove(expired, of: id) { [self] _ in forgetIfNothing(id) }
      } else if !offsets.hasAny(of: id) {
        deleteGroup(id) { _ in }
      }
    }
  }

  /// Takes a group out, with all that it has committed; `done` is called once that is durable.
  func deleteGroup(_ id: String, done: @escaping (ErrorCode) -> Void) {
    guard let entry = groups[id] else { return done(.groupIDNotFound) }
    guard entry.group.state != .dead else { return done(.coordinatorNotAvailable) }
    guard entry.group.members.isEmpty else { return done(.nonEmptyGroup) }
    let removal = offsets.removal(of: id) { _ in true }
    do throws(PartitionLogError) {
      for start in stride(from: 0, to: removal.count, by: GroupLimits.removalsPerBatch) {
        try change(Array(removal[start...].prefix(GroupLimits.removalsPerBatch)), of: id) {}
      }
      try append([GroupRecord(key: .group(id), value: nil)]) { [self] in
        groups[id] = nil
        metrics.groups.set(groups.count)
        done(.none)
      }
    } catch {
      logger.warning("a group could not be deleted", [(GroupSignals.group, id), (GroupSignals.reason, error.message)])
      return done(.coordinatorNotAvailable)
    }
    groups[id]?.timer?.cancel()
    groups[id]?.record = nil
    // Until that is durable nobody comes in.
    give(.deleted, to: id)
  }
}
