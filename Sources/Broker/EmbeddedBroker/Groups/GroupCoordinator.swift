package import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

/// Coordinates the consumer groups: gives events to each ``Group``, carries out what it decides, and keeps on
/// `__consumer_offsets` what must outlast the process. Confined to its loop, which makes it Sendable.
///
/// A committed offset is answered for, and seen, once it is durable; a share is handed out once it is.
package final class GroupCoordinator: @unchecked Sendable {
  let loop: EventLoop
  let topics: TopicTable
  let identity: BrokerIdentity
  let clock: @Sendable () -> Int64
  let logger = Logger(label: "broker.groups")
  let metrics = GroupMetrics()
  var groups: [String: CoordinatedGroup] = [:]
  var offsets = OffsetStore()
  /// Members of all groups, and the bytes that they have told.
  private(set) var memberCount = 0
  private(set) var memberBytes = 0
  private(set) var phase = Phase.loading
  var rewriting: GroupRewrite
  private var waiting: [GroupTicket: (GroupAnswer) -> Void] = [:]
  private var lastTicket: UInt64 = 0
  private var expiryTimer: LoopTimer?

  /// Whether it may be asked.
  enum Phase {
    /// The log is being read.
    case loading
    case ready(any StateLog)
    case stopped
  }

  /// A coordinator that knows nothing yet.
  ///
  /// - Parameter rewriteBytes: what the log may grow by before the whole state is written again.
  package init(
    loop: EventLoop, topics: TopicTable, identity: BrokerIdentity, rewriteBytes: Int = GroupLimits.rewriteBytes,
    clock: @escaping @Sendable () -> Int64
  ) {
    self.loop = loop
    self.topics = topics
    self.identity = identity
    self.clock = clock
    rewriting = GroupRewrite(limitBytes: rewriteBytes)
  }

  /// Why nobody is served now; nil where everybody is.
  var refusal: ErrorCode? {
    switch phase {
    case .loading: .coordinatorLoadInProgress
    case .ready: nil
    case .stopped: .coordinatorNotAvailable
    }
  }

  var moment: GroupMoment { GroupMoment(instant: LoopInstant.current(), wallMilliseconds: clock()) }

  /// Serves from the log, which has been read.
  func serve(_ loaded: LoadedGroups, from log: any StateLog, pool: BlockingPool) {
    offsets = loaded.offsets
    rewriting.begin(pool, grownBytes: loaded.byteCount)
    phase = .ready(log)
    let now = LoopInstant.current()
    for (id, kept) in loaded.groups {
      let group = Group(id: id, kept: kept.value, at: now)
      groups[id] = CoordinatedGroup(group, record: kept.bytes)
      count(id)
      if let due = group.firstDue { schedule(id, at: due) }
    }
    for id in offsets.groupIDs where groups[id] == nil { groups[id] = CoordinatedGroup(Group(id: id)) }
    scheduleExpiry()
  }

  /// Lets go of the timers. Who waits is told nothing: the connections are closed.
  package func stop() {
    phase = .stopped
    expiryTimer?.cancel()
    for entry in groups.values { entry.timer?.cancel() }
  }

  // MARK: events

  /// Whether another group may be made.
  var hasRoomForGroup: Bool { groups.count < GroupLimits.groups }

  /// Gives the group an event with a ticket, and answers `reply` when the group does. A group that is not there is made.
  func ask(_ id: String, _ reply: @escaping (GroupAnswer) -> Void, _ event: (GroupTicket) -> GroupEvent) {
    lastTicket += 1
    let ticket = GroupTicket(number: lastTicket)
    waiting[ticket] = reply
    give(event(ticket), to: id)
  }

  /// Gives the group an event and carries out what it decides. Whoever is answered is on another turn: nothing comes back into
  /// the group meanwhile.
  func give(_ event: GroupEvent, to id: String) {
    var entry = groups.removeValue(forKey: id) ?? CoordinatedGroup(Group(id: id))
    let decisions = entry.group.decide(event, at: moment)
    groups[id] = entry
    count(id)
    for decision in decisions {
      switch decision {
      case .answer(let ticket, let answer): waiting.removeValue(forKey: ticket)?(answer)
      case .persist(let persistence): persist(persistence, of: id)
      case .schedule(let due): schedule(id, at: due)
      }
    }
    forgetIfNothing(id)
  }

  private func schedule(_ id: String, at due: LoopInstant) {
    groups[id]?.timer?.cancel()
    groups[id]?.timer = loop.schedule(at: due) { [weak self] in
      guard let self, groups[id] != nil else { return }
      give(.timer, to: id)
    }
  }

  private func count(_ id: String) {
    guard let entry = groups[id] else { return }
    memberCount += entry.memberCount - entry.countedMembers
    memberBytes += entry.group.byteCount - entry.countedBytes
    groups[id]?.countedMembers = entry.memberCount
    groups[id]?.countedBytes = entry.group.byteCount
    metrics.members.set(memberCount)
    metrics.groups.set(groups.count)
  }

  /// A group that has no members, no offsets and no place in the log is nothing.
  func forgetIfNothing(_ id: String) {
    guard let entry = groups[id], entry.record == nil, entry.memberCount == 0, !offsets.hasAny(of: id),
      entry.group.state != .dead
    else { return }
    entry.timer?.cancel()
    groups[id] = nil
    metrics.groups.set(groups.count)
  }

  private func persist(_ persistence: GroupPersistence, of id: String) {
    guard let group = groups[id]?.group else { return }
    metrics.generations.increment()
    do throws(PartitionLogError) {
      let value = try encode(group)
      try append([GroupRecord(key: .group(id), value: value)]) { [self] in
        if groups[id] != nil { give(.persisted(persistence, .none), to: id) }
      }
      groups[id]?.record = value
    } catch {
      logger.warning(
        "a group could not be kept", [(GroupSignals.group, id), (GroupSignals.reason, error.message)])
      let isTooLarge = error.code == .messageTooLarge || error.code == .recordListTooLarge
      let code: ErrorCode = isTooLarge ? .unknownServerError : .coordinatorNotAvailable
      loop.nextRound { [self] in
        if groups[id] != nil { give(.persisted(persistence, code), to: id) }
      }
    }
  }

  private func encode(_ group: Group) throws(PartitionLogError) -> [UInt8] {
    do throws(WireError) { return try GroupValue(group).encoded(GroupValue.version) } catch {
      throw PartitionLogError(.messageTooLarge, error.message)
    }
  }

  // MARK: the log

  /// Appends the records as one batch; `durable` is called on the loop, on another turn.
  ///
  /// - Throws: where they are refused: nothing is appended.
  func append(_ records: [GroupRecord], durable: @escaping () -> Void) throws(PartitionLogError) {
    guard case .ready(let log) = phase else { throw PartitionLogError(.coordinatorNotAvailable, "it has stopped") }
    let now = clock()
    var builder = RecordBatchBuilder()
    for record in records {
      builder.append(key: try record.keyBytes[...], value: record.value?[...], timestamp: now)
    }
    let batch = builder.finish()
    let call = LoopCall(durable)
    let loop = loop
    try log.append(batch, nowMilliseconds: now) { loop.execute { call.body(()) } }
    rewriting.grew(by: batch.count)
    rewriteIfLong(log)
  }

  private func scheduleExpiry() {
    expiryTimer = loop.schedule(after: GroupLimits.expiryInterval) { [weak self] in
      self?.expire()
      self?.scheduleExpiry()
    }
  }
}

/// A call that is made on one loop alone: hence Sendable.
struct LoopCall<Value>: @unchecked Sendable {
  let body: (Value) -> Void
  init(_ body: @escaping (Value) -> Void) { self.body = body }
}
