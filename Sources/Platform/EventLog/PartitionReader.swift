internal import CRdKafka
package import EventLoop
package import LogRecords

/// Reads chosen partitions from chosen places, outside of any group: for sinks, feeds and replies.
///
/// Confined to its loop, which makes it Sendable. Set the callbacks before ``add(_:)``.
package final class PartitionReader: @unchecked Sendable {
  /// Where to begin.
  package enum Start: Sendable, Equatable {
    /// At the oldest record there is.
    case earliest
    /// At the next record to come.
    case latest
    /// At an offset; where it is gone already, at the oldest record there is.
    case offset(Int64)
    /// At the first record stamped at or after the time, in milliseconds since 1970 UTC; at the end where there is none.
    case timestamp(milliseconds: Int64)
  }

  /// How soon a record is wanted after it was appended.
  package enum Pace: Sendable, Equatable {
    /// At once: each record may cost the broker an answer and the reader a wake-up.
    case prompt
    /// When so many bytes have gathered, or after the time: for sinks, which write in batches anyway.
    case gathering(bytes: Int, milliseconds: Int)
    /// What is there already: the broker does not hold a question open for more, which would keep the question about the
    /// next partition waiting. For reading back; a reader that stays at the end would ask without pause.
    case standing
  }

  /// What a reader has done so far.
  package struct Counters: Sendable, Equatable {
    /// Records handed over.
    package var received = 0
    /// Batches handed over.
    package var batches = 0
    /// Errors of any kind.
    package var errors = 0
  }

  private let client: ClientHandle
  private let logged: ((Int32, String) -> Void)?
  private let pool: BlockingPool
  private var feeds = PartitionFeeds()
  private var roundRobin = 0
  /// Partitions whose starting offset is being looked up; a change of mind makes the answer void.
  private var lookups: [TopicPartition: Int] = [:]
  private var lastLookup = 0
  private var runningLookups = 0
  private var waitingForLookups: [CheckedContinuation<Void, Never>] = []
  /// What has been read.
  package private(set) var counters = Counters()

  /// Records of one partition, in order.
  package var received: ((TopicPartition, [ConsumedRecord]) -> Void)?
  /// Everything there was has been handed over; the offset is the end. Called again whenever the end is reached again.
  package var reachedEnd: ((TopicPartition, Int64) -> Void)?
  /// Something went wrong. Unless the error is fatal the reader goes on by itself.
  package var failed: ((EventLogError) -> Void)?

  /// Makes a reader of no partitions. On the loop only.
  ///
  /// - Throws: ``EventLogError`` with `configuration` where a setting is wrong.
  package init(
    loop: EventLoop, options: EventLogOptions, prefetchedKibibytes: Int = 16_384, pace: Pace = .prompt
  ) throws(EventLogError) {
    logged = options.logged
    do {
      pool = try BlockingPool(
        name: "log-reader", threads: EventLogLimits.blockingThreads, queueLimit: EventLogLimits.blockingCallsQueued)
    } catch { throw EventLogError(.configuration, error.description) }
    let settings = [
      // The library wants a group's name although nothing joins one.
      ("group.id", "\(options.clientID)-reader"), ("enable.auto.commit", "false"),
      ("enable.auto.offset.store", "false"),
      ("auto.offset.reset", "earliest"), ("enable.partition.eof", "true"), ("max.poll.interval.ms", "86400000"),
    ]
    client = try ClientHandle(
      RD_KAFKA_CONSUMER, loop: loop,
      settings: options.commonSettings
        + PartitionReader.tuning(pace, prefetchedKibibytes) + settings
        + options.librarySettings.map { ($0.key, $0.value) },
      events: RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
    client.drain = { [weak self] in self?.drain() ?? false }
  }

  private static func tuning(_ pace: Pace, _ prefetchedKibibytes: Int) -> [(String, String)] {
    switch pace {
    case .prompt:
      ConsumerTuning.settings(
        prefetchedKibibytes: prefetchedKibibytes, fetchWaitMilliseconds: EventLogLimits.readerFetchWaitMilliseconds)
    case .gathering(let bytes, let milliseconds):
      ConsumerTuning.settings(
        prefetchedKibibytes: prefetchedKibibytes, fetchBytes: bytes, fetchWaitMilliseconds: milliseconds)
    case .standing: ConsumerTuning.settings(prefetchedKibibytes: prefetchedKibibytes, fetchWaitMilliseconds: 1)
    }
  }

  // MARK: the owner's side

  /// The partitions being read.
  package var partitions: [TopicPartition] { feeds.partitions }

  /// Begins to read partitions that are not read yet.
  package func add(_ partitions: [TopicPartition: Start]) {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { return }
    for (partition, start) in partitions {
      precondition(!feeds.contains(partition), "\(partition) is read already")
      feeds.open(partition, of: client, isFlowing: true)
      begin(partition, start)
    }
    // The library tells of an empty queue that fills, and one that was read before may hold something outdated.
    client.drainSoon()
  }

  /// Stops reading. Nothing of the partitions is delivered any more.
  package func remove(_ partitions: [TopicPartition]) {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { return }
    for partition in partitions where feeds.contains(partition) {
      unassign(partition)
      feeds.close(partition)
    }
  }

  /// Goes on elsewhere. Nothing from before is delivered any more.
  package func seek(_ partition: TopicPartition, to start: Start) {
    precondition(client.loop.isCurrent)
    guard client.isOpen, feeds.contains(partition) else { return }
    unassign(partition)
    begin(partition, start)
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

  /// Stops reading and frees the client: no thread of the library is left when it returns.
  package func close() async {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { return }
    for partition in feeds.partitions { unassign(partition) }
    feeds.closeAll()
    if runningLookups > 0 { await withCheckedContinuation { waitingForLookups.append($0) } }
    await client.close(flags: RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  }

  // MARK: places

  private func begin(_ partition: TopicPartition, _ start: Start) {
    switch start {
    case .earliest: assign(partition, Int64(RD_KAFKA_OFFSET_BEGINNING))
    case .latest: assign(partition, Int64(RD_KAFKA_OFFSET_END))
    case .offset(let offset): assign(partition, offset)
    case .timestamp(let milliseconds): lookUp(partition, milliseconds)
    }
  }

  private func assign(_ partition: TopicPartition, _ offset: Int64) {
    let list = PartitionList()
    list.add(partition, offset: offset)
    if let error = unsafe rd_kafka_incremental_assign(client.raw, list.raw) {
      report(unsafe EventLogError(consuming: error))
    }
    nudge(partition)
  }

  /// The library's thread for a broker looks for new partitions once a second unless something wakes it: a question that the
  /// same thread has to carry does, and makes the first record come in milliseconds.
  private func nudge(_ partition: TopicPartition) {
    let client = client
    runningLookups += 1
    client.loop.spawn { [self] in
      _ = try? await pool.run { try OffsetQuery.ask(client, [partition: OffsetQuery.end]) }
      endLookup()
    }
  }

  private func endLookup() {
    runningLookups -= 1
    guard runningLookups == 0 else { return }
    let waiting = waitingForLookups
    waitingForLookups = []
    for continuation in waiting { continuation.resume() }
  }

  private func unassign(_ partition: TopicPartition) {
    if lookups.removeValue(forKey: partition) != nil { return }
    let list = PartitionList([partition])
    if let error = unsafe rd_kafka_incremental_unassign(client.raw, list.raw) {
      report(unsafe EventLogError(consuming: error))
    }
  }

  /// The library only offers a blocking call for this.
  private func lookUp(_ partition: TopicPartition, _ milliseconds: Int64) {
    lastLookup += 1
    runningLookups += 1
    let id = lastLookup
    lookups[partition] = id
    client.loop.spawn { [self] in
      // "None at or after the time" is -1, the library's mark for the end.
      let client = client
      let offset = try? await pool.run { try OffsetQuery.ask(client, [partition: milliseconds])[partition] }
      endLookup()
      guard client.isOpen, lookups[partition] == id else { return }
      guard let offset else {
        report(EventLogError(.timedOut, "no offset for a time in \(partition); asked again", isRetriable: true))
        client.loop.schedule(after: EventLogLimits.committedOffsetsRetryInterval) { [weak self] in
          guard let self, client.isOpen, lookups[partition] == id else { return }
          lookUp(partition, milliseconds)
        }
        return
      }
      lookups[partition] = nil
      assign(partition, offset)
    }
  }

  // MARK: events

  private func drain() -> Bool {
    var handled = 0
    while client.isOpen, handled < EventLogLimits.eventsPerTurn, let event = unsafe client.nextEvent() {
      switch unsafe rd_kafka_event_type(event) {
      case RD_KAFKA_EVENT_ERROR: report(unsafe client.error(of: event))
      case RD_KAFKA_EVENT_LOG: unsafe ClientHandle.forward(log: event, to: logged)
      default: break
      }
      unsafe rd_kafka_event_destroy(event)
      handled += 1
    }
    guard client.isOpen else { return false }
    return deliverRecords() || handled == EventLogLimits.eventsPerTurn
  }

  private func report(_ error: EventLogError) {
    counters.errors += 1
    failed?(error)
  }

  /// One batch for each partition, beginning with another one each turn. The callbacks may pause, remove and close.
  private func deliverRecords() -> Bool {
    let partitions = feeds.partitions
    guard !partitions.isEmpty else { return false }
    var hasMore = false
    roundRobin = (roundRobin + 1) % partitions.count
    for index in partitions.indices {
      let partition = partitions[(index + roundRobin) % partitions.count]
      guard client.isOpen, let output = feeds.next(partition) else { continue }
      hasMore = true
      for item in output where feeds.contains(partition) { deliver(item, of: partition) }
    }
    return hasMore && client.isOpen
  }

  private func deliver(_ output: PartitionFeeds.Output, of partition: TopicPartition) {
    switch output {
    case .records(let records):
      counters.received += records.count
      counters.batches += 1
      received?(partition, records)
    case .reachedEnd(let offset): reachedEnd?(partition, offset)
    case .failed(let error): report(error)
    }
  }
}
