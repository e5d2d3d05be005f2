internal import CRdKafka
package import EventLoop
package import LogRecords

/// A member of a consumer group: cooperative-sticky assignment, offsets committed by hand.
///
/// Records wait in the library; a slow owner never costs the membership. A partition that is assigned delivers nothing until
/// the owner calls ``start(_:at:)``, so that it can look first where to begin. Confined to its loop, which makes it Sendable.
package final class GroupConsumer: @unchecked Sendable {
  /// How a consumer behaves in its group.
  package struct Settings: Sendable {
    /// How long the group waits for a member that is silent before its partitions go to others.
    package var sessionTimeout: Duration = .seconds(10)
    /// How long the owner may drain revoked partitions before they are given up without it.
    package var revocationDeadline: Duration = .seconds(20)
    /// Kibibytes fetched ahead for each partition.
    package var prefetchedKibibytes = 16_384
    /// The settings as they stand above.
    package init() {}
  }

  /// Where to begin reading an assigned partition.
  package enum StartingPoint: Sendable, Equatable {
    /// At the offset that was committed, as `assigned` told; at the beginning where none was.
    case committed
    /// At an offset of the owner's.
    case offset(Int64)
  }

  /// What a consumer has done so far.
  package struct Counters: Sendable, Equatable {
    /// Records handed over.
    package var received = 0
    /// Batches handed over.
    package var batches = 0
    /// Commits answered, whether they succeeded or not.
    package var commits = 0
    /// Times that partitions came or went.
    package var rebalances = 0
    /// Errors of any kind.
    package var errors = 0
  }

  /// What to commit for a partition: the offset of the next record to read, and text kept beside it.
  package typealias Commit = (offset: Int64, metadata: String)
  package typealias CommitCompletion = (Swift.Result<Void, EventLogError>) -> Void

  let client: ClientHandle
  /// For the one question that the library only offers as a blocking call.
  let pool: BlockingPool
  var questionsUnderWay = 0
  var waitingForQuestions: [CheckedContinuation<Void, Never>] = []
  let group: String
  let settings: Settings
  let logged: ((Int32, String) -> Void)?
  weak var handler: (any GroupConsumerHandler)?
  var feeds = PartitionFeeds()
  /// Where each assigned partition would begin: what was committed, or the library's mark for earliest or latest.
  var startingOffsets: [TopicPartition: Int64] = [:]
  var phase = RebalancePhase.steady
  var commits: [Int: CommitCompletion] = [:]
  var lastCommit = 0
  var closing: [CheckedContinuation<Void, Never>] = []
  var isClosing = false
  var livenessTimer: LoopTimer?
  var roundRobin = 0
  /// What has been received and committed.
  package internal(set) var counters = Counters()

  /// Joins the group for the topics. A static member (one with an `instanceID`) that comes back within the session timeout
  /// keeps its partitions. The handler is held weakly and called on the loop.
  ///
  /// - Throws: ``EventLogError`` with `configuration` where a setting is wrong.
  package init(
    loop: EventLoop, options: EventLogOptions, group: String, instanceID: String?, topics: [String],
    settings: Settings = Settings(), handler: any GroupConsumerHandler
  ) throws(EventLogError) {
    do {
      pool = try BlockingPool(
        name: "log-group", threads: EventLogLimits.blockingThreads, queueLimit: EventLogLimits.blockingCallsQueued)
    } catch { throw EventLogError(.configuration, error.description) }
    self.group = group
    self.settings = settings
    self.handler = handler
    logged = options.logged
    var values = GroupConsumer.librarySettings(settings, group: group)
    if let instanceID { values.append(("group.instance.id", instanceID)) }
    client = try ClientHandle(
      RD_KAFKA_CONSUMER, loop: loop,
      settings: options.commonSettings
        + ConsumerTuning.settings(
          prefetchedKibibytes: settings.prefetchedKibibytes,
          fetchWaitMilliseconds: EventLogLimits.groupFetchWaitMilliseconds)
        + values + options.librarySettings.map { ($0.key, $0.value) },
      events: RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR
        | RD_KAFKA_EVENT_LOG)
    client.drain = { [weak self] in self?.drain() ?? false }
    let list = PartitionList(topics.map { TopicPartition($0, -1) })
    let number = unsafe rd_kafka_subscribe(client.raw, list.raw)
    precondition(number == RD_KAFKA_RESP_ERR_NO_ERROR, "a consumer with a group can subscribe")
    keepAlive()
  }

  private static func librarySettings(_ settings: Settings, group: String) -> [(String, String)] {
    // The group waits this long for a member that has to give partitions up; the owner's deadline comes first.
    let pollInterval = max(60_000, 3 * settings.revocationDeadline.milliseconds, settings.sessionTimeout.milliseconds)
    return [
      ("group.id", group),
      ("partition.assignment.strategy", "cooperative-sticky"),
      ("session.timeout.ms", String(settings.sessionTimeout.milliseconds)),
      ("heartbeat.interval.ms", String(max(100, min(3000, settings.sessionTimeout.milliseconds / 4)))),
      ("max.poll.interval.ms", String(pollInterval)),
      ("enable.auto.commit", "false"),
      ("enable.auto.offset.store", "false"),
      ("auto.offset.reset", "earliest"),
    ]
  }

  /// The library counts a member out that asks for nothing for long, and an idle queue wakes nobody.
  private func keepAlive() {
    livenessTimer = client.loop.schedule(after: EventLogLimits.livenessInterval) { [weak self] in
      guard let self, client.isOpen else { return }
      client.drainSoon()
      keepAlive()
    }
  }

  // MARK: the owner's side

  /// The partitions that this member has now.
  package var partitions: [TopicPartition] { feeds.partitions }

  /// Begins to deliver an assigned partition.
  package func start(_ partition: TopicPartition, at point: StartingPoint) {
    precondition(client.loop.isCurrent)
    guard client.isOpen, feeds.contains(partition) else { return }
    if case .offset(let offset) = point, offset != startingOffsets[partition] { restart(partition, at: offset) }
    feeds.setFlowing(partition, true)
    client.drainSoon()
  }

  /// Stops delivering until ``resume(_:)``. What is fetched is kept.
  package func pause(_ partitions: [TopicPartition]) {
    precondition(client.loop.isCurrent)
    for partition in partitions { feeds.setFlowing(partition, false) }
  }

  /// Goes on delivering after ``pause(_:)``.
  package func resume(_ partitions: [TopicPartition]) {
    precondition(client.loop.isCurrent)
    for partition in partitions { feeds.setFlowing(partition, true) }
    client.drainSoon()
  }

  /// Commits offsets and calls `completed` on the loop, never within this call. It fails with `rebalanced` when the
  /// partitions may belong to another member by now.
  package func commit(_ offsets: [TopicPartition: Commit], _ completed: @escaping CommitCompletion) {
    precondition(client.loop.isCurrent)
    let refuse = { [loop = client.loop] (error: EventLogError) in loop.nextRound { completed(.failure(error)) } }
    guard client.isOpen else { return refuse(EventLogError(.closed, "the consumer is closed")) }
    guard !offsets.isEmpty else { return client.loop.nextRound { completed(.success(())) } }
    let list = PartitionList()
    for (partition, commit) in offsets { list.add(partition, offset: commit.offset, metadata: commit.metadata) }
    lastCommit += 1
    let number = unsafe rd_kafka_commit_queue(
      client.raw, list.raw, client.queue, nil, UnsafeMutableRawPointer(bitPattern: lastCommit))
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR else { return refuse(EventLogError(number)) }
    commits[lastCommit] = completed
  }

  /// Records known to be on the log and not yet handed over, as of the last fetch; nil where nothing was fetched yet.
  package func lag(_ partition: TopicPartition) -> Int64? {
    guard client.isOpen, let next = feeds.nextOffset(partition) ?? startingOffsets[partition], next >= 0 else {
      return nil
    }
    var low: Int64 = 0
    var high: Int64 = 0
    let number = unsafe rd_kafka_get_watermark_offsets(client.raw, partition.topic, partition.partition, &low, &high)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
    return max(0, high - next)
  }

  // MARK: events

  private func drain() -> Bool {
    var handled = 0
    while client.isOpen, handled < EventLogLimits.eventsPerTurn, let event = unsafe client.nextEvent() {
      unsafe handle(event)
      unsafe rd_kafka_event_destroy(event)
      handled += 1
    }
    guard client.isOpen else { return false }
    let hasMoreRecords = deliverRecords()
    finishClosing()
    return client.isOpen && (handled == EventLogLimits.eventsPerTurn || hasMoreRecords)
  }

  private func handle(_ event: OpaquePointer) {
    switch unsafe rd_kafka_event_type(event) {
    case RD_KAFKA_EVENT_REBALANCE: unsafe handleRebalance(event)
    case RD_KAFKA_EVENT_OFFSET_COMMIT: unsafe handleCommit(event)
    case RD_KAFKA_EVENT_ERROR: report(unsafe client.error(of: event))
    case RD_KAFKA_EVENT_LOG: unsafe ClientHandle.forward(log: event, to: logged)
    default: break
    }
  }

  func report(_ error: EventLogError) {
    counters.errors += 1
    handler?.consumer(self, failed: error)
  }

  private func handleCommit(_ event: OpaquePointer) {
    let number = unsafe rd_kafka_event_error(event)
    guard let completed = commits.removeValue(forKey: unsafe Int(bitPattern: rd_kafka_event_opaque(event))) else {
      return
    }
    counters.commits += 1
    var worst = number
    if worst == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe rd_kafka_event_topic_partition_list(event) {
      let refused = unsafe PartitionList.elements(of: list).first { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR }
      if let refused { worst = refused.error }
    }
    completed(worst == RD_KAFKA_RESP_ERR_NO_ERROR ? .success(()) : .failure(EventLogError(worst)))
  }

  /// One batch for each partition until a turn's bound is reached, beginning with another partition each turn. The handler
  /// may pause and close meanwhile.
  private func deliverRecords() -> Bool {
    let partitions = feeds.partitions
    guard !partitions.isEmpty else { return false }
    var hasMore = false
    let before = counters.received
    roundRobin = (roundRobin + 1) % partitions.count
    for index in partitions.indices where counters.received - before < EventLogLimits.recordsPerTurn {
      let partition = partitions[(index + roundRobin) % partitions.count]
      guard client.isOpen, let output = feeds.next(partition) else { continue }
      hasMore = true
      for item in output { deliver(item, of: partition) }
    }
    return hasMore
  }

  private func deliver(_ output: PartitionFeeds.Output, of partition: TopicPartition) {
    switch output {
    case .records(let records):
      counters.received += records.count
      counters.batches += 1
      handler?.consumer(self, received: records, from: partition)
    case .reachedEnd: break
    case .failed(let error): report(error)
    }
  }
}
