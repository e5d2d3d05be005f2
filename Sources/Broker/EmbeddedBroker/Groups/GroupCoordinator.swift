package import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

/// Coordinates the consumer groups: gives events to each ``Group``, carries out what it decides, keeps what must be kept on
/// `__consumer_offsets`. Confined to its loop, which makes it Sendable.
///
/// An offset is answered for, and a share handed out, once it is durable.
package final class GroupCoordinator: @unchecked Sendable {
  let loop: EventLoop
  let topics: TopicTable
  let identity: BrokerIdentity
  let clock: @Sendable () -> Int64
  var groups: [String: Group] = [:]
  var offsets = OffsetStore()
  /// When a group became empty, in milliseconds since 1970.
  var emptySince: [String: Int64] = [:]
  private var log: CoordinatorLog?
  private var joins: [Int: (JoinAnswer) -> Void] = [:]
  private var syncs: [Int: (SyncAnswer) -> Void] = [:]
  private var lastToken = 0
  private var commits = CommitsUnderWay()
  private var timer: LoopTimer?
  private var expiryTimer: LoopTimer?
  private var foldedEnd: Int64 = 0
  private var isFolding = false
  private let logger = Logger(label: "broker.groups")

  package init(
    loop: EventLoop, topics: TopicTable, identity: BrokerIdentity, clock: @escaping @Sendable () -> Int64
  ) {
    self.loop = loop
    self.topics = topics
    self.identity = identity
    self.clock = clock
  }

  /// Whether the state is loaded: before it, everybody is told to come again.
  var isLoaded: Bool { log != nil }

  /// Milliseconds of the monotonic clock: what timers go by.
  var now: Int64 { LoopInstant.current().nanoseconds / 1_000_000 }

  // MARK: loading

  /// Reads the state back. Members are taken to be alive: they go on without noticing.
  package func start(_ log: CoordinatorLog, pool: BlockingPool) async throws {
    let loaded = try await pool.run { try Self.load(log) }
    groups = loaded.groups
    offsets = loaded.offsets
    for id in groups.keys {
      groups[id]?.restore(at: now)
      if groups[id]?.members.isEmpty == true { emptySince[id] = clock() }
    }
    self.log = log
    foldedEnd = log.bounds.logStartOffset
    await forgetDeletedTopics()
    logger.info("groups are loaded", [(BrokerSignals.count, "\(groups.count)")])
    schedule()
    scheduleExpiry()
  }

  private struct Loaded: Sendable {
    var groups: [String: Group] = [:]
    var offsets = OffsetStore()
  }

  private static func load(_ log: CoordinatorLog) throws -> Loaded {
    var loaded = Loaded()
    var failure: WireError?
    try log.replay { record in
      do throws(WireError) {
        guard let key = record.key else { return }
        switch try GroupRecord(key: key, value: record.value) {
        case .offset(let group, let topic, let partition, let committed):
          let name = PartitionName(topic, partition)
          if let committed { loaded.offsets.put(committed, group, name) } else { loaded.offsets.remove(group, name) }
        case .group(let id, let group): loaded.groups[id] = group
        case .unknown: break
        }
      } catch { failure = error }
    }
    if let failure {
      throw BrokerError(.damaged, "__consumer_offsets has a record that cannot be read: \(failure.message)")
    }
    return loaded
  }

  // MARK: carrying out

  /// The group, made where it is not there; nil where there are too many.
  func group(makingIfMissing id: String) -> Group? {
    if let group = groups[id] { return group }
    return groups.count < GroupLimits.groups ? Group(id) : nil
  }

  /// Gives the group an event and carries out what it decides.
  func change(_ id: String, _ event: (inout Group) -> [GroupDecision]) {
    var group = groups[id] ?? Group(id)
    let decisions = event(&group)
    put(group)
    perform(decisions, id)
    schedule()
  }

  func put(_ group: Group) {
    groups[group.id] = group
    if group.members.isEmpty {
      if emptySince[group.id] == nil { emptySince[group.id] = clock() }
    } else {
      emptySince[group.id] = nil
    }
  }

  private func perform(_ decisions: [GroupDecision], _ id: String) {
    for decision in decisions {
      switch decision {
      case .joined(let token, let answer): joins.removeValue(forKey: token)?(answer)
      case .synced(let token, let answer): syncs.removeValue(forKey: token)?(answer)
      case .keep(let generation): keep(id, generation)
      }
    }
  }

  private func keep(_ id: String, _ generation: Int32) {
    guard let group = groups[id] else { return }
    append([.group(id, group)]) { [self] error in
      guard groups[id] != nil else { return }
      change(id) { $0.kept(generation: generation, error: error, at: now) }
    }
  }

  /// A request that waits: what answers it later.
  func wait(forJoin call: @escaping (JoinAnswer) -> Void) -> Int {
    lastToken += 1
    joins[lastToken] = call
    return lastToken
  }

  func wait(forSync call: @escaping (SyncAnswer) -> Void) -> Int {
    lastToken += 1
    syncs[lastToken] = call
    return lastToken
  }

  // MARK: time

  private func schedule() {
    timer?.cancel()
    guard let deadline = groups.values.compactMap(\.nextDeadline).min() else { return }
    timer = loop.schedule(after: .milliseconds(max(1, deadline - now))) { [weak self] in self?.tick() }
  }

  private func tick() {
    let due = groups.values.filter { $0.nextDeadline.map { $0 <= now } ?? false }.map(\.id)
    for id in due { change(id) { $0.tick(at: now) } }
    schedule()
  }

  private func scheduleExpiry() {
    expiryTimer = loop.schedule(after: .milliseconds(GroupLimits.expiryIntervalMilliseconds)) { [weak self] in
      self?.expire()
      self?.scheduleExpiry()
    }
  }

  /// Forgets what groups committed that have long been empty.
  func expire() {
    let time = clock()
    for (id, since) in emptySince where time - since > GroupLimits.offsetRetentionMilliseconds {
      let expired = offsets.partitions(of: id).filter { partition in
        offsets.offset(id, partition).map { time - $0.timestamp > GroupLimits.offsetRetentionMilliseconds } ?? false
      }
      forget(id, expired)
      if offsets.partitions(of: id).isEmpty { drop(id) }
    }
  }

  func forget(
    _ group: String, _ partitions: [PartitionName], done: @escaping (ErrorCode) -> Void = { _ in }
  ) {
    guard !partitions.isEmpty else { return done(.none) }
    for partition in partitions { offsets.remove(group, partition) }
    append(partitions.map { .offset(group: group, topic: $0.topic, partition: $0.index, nil) }, done)
  }

  /// The group is gone.
  func drop(_ id: String) {
    groups[id] = nil
    emptySince[id] = nil
    append([.group(id, nil)]) { _ in }
  }

  /// A topic was deleted: offsets in it mean nothing any more. When it returns, that is durable, so that they do not come back
  /// with a restart once another topic has the name.
  package func topicDeleted(_ name: String) async {
    precondition(loop.isCurrent)
    // What was appended before may be taken in after.
    await withCheckedContinuation { commits.afterAll($0) }
    let committed = offsets.partitions(ofTopic: name)
    for group in Set(committed.map(\.group)) {
      let partitions = committed.filter { $0.group == group }.map(\.partition)
      await withCheckedContinuation { done in forget(group, partitions) { _ in done.resume() } }
    }
  }

  /// The broker may have been killed between a topic's deletion and that of the offsets in it.
  private func forgetDeletedTopics() async {
    let served = topics.snapshot
    for name in offsets.topics where served.topic(name) == nil { await topicDeleted(name) }
  }

  /// Lets go of the timers. Who waits is told nothing: the connections are closed.
  package func stop() {
    timer?.cancel()
    expiryTimer?.cancel()
  }

  // MARK: the log

  /// Keeps committed offsets; `done` is told on the loop once they are durable.
  func appendCommit(_ records: [GroupRecord], _ done: @escaping (ErrorCode) -> Void) {
    let number = commits.begin()
    append(records) { [self] error in
      done(error)
      for waiter in commits.end(number) { waiter.resume() }
    }
  }

  /// Keeps records, in one batch or several; `done` is told on the loop once all are durable.
  func append(_ records: [GroupRecord], _ done: @escaping (ErrorCode) -> Void) {
    guard let log else { return done(.coordinatorLoadInProgress) }
    let time = clock()
    let batches = Self.batches(records, time)
    var (outstanding, failure) = (batches.count, ErrorCode.none)
    let finish = { (error: ErrorCode) in
      if error != .none { failure = .coordinatorNotAvailable }
      outstanding -= 1
      if outstanding == 0 { done(failure) }
    }
    let call = LoopCall(finish)
    let loop = loop
    for batch in batches {
      log.append(batch, nowMilliseconds: time) { error in loop.execute { call.body(error) } }
    }
    foldIfLong()
  }

  private static func batches(_ records: [GroupRecord], _ time: Int64) -> [[UInt8]] {
    var batches: [[UInt8]] = []
    var builder = RecordBatchBuilder()
    for record in records {
      builder.append(key: record.key[...], value: record.value(nowMilliseconds: time)?[...], timestamp: time)
      guard builder.byteCount >= GroupLimits.batchBytes else { continue }
      batches.append(builder.finish())
      builder = RecordBatchBuilder()
    }
    if builder.recordCount > 0 { batches.append(builder.finish()) }
    return batches
  }

  /// A log that has grown much longer than what it says is folded: everything is said once more at its end, and what stands
  /// before is forgotten. A crash between leaves both, which say the same.
  private func foldIfLong() {
    guard let log, !isFolding else { return }
    let end = log.bounds.logEndOffset
    guard end - foldedEnd > GroupLimits.foldedRecords + Int64(offsets.count + groups.count) else { return }
    isFolding = true
    let state =
      groups.values.map { GroupRecord.group($0.id, $0) }
      + offsets.groups.flatMap { group, committed in
        committed.map { .offset(group: group, topic: $0.key.topic, partition: $0.key.index, $0.value) }
      }
    append(state) { [self] error in
      isFolding = false
      guard error == .none else { return }
      foldedEnd = end
      do { try log.forget(before: end, nowMilliseconds: clock()) } catch {
        logger.warning("the log of groups was not shortened", [(BrokerSignals.reason, "\(error)")])
      }
    }
  }
}

/// A call that is made on one loop alone: hence Sendable.
struct LoopCall<Value>: @unchecked Sendable {
  let body: (Value) -> Void
  init(_ body: @escaping (Value) -> Void) { self.body = body }
}
