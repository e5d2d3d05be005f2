internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Synchronization
internal import Telemetry

/// What a running broker is made of. Confined to its loop, which makes it Sendable.
final class BrokerParts: @unchecked Sendable {
  let directory: DataDirectory
  let topics: TopicTable
  /// How clients know it. The port is told once it is listened at.
  let identity: BrokerIdentity
  private let reserve: DiskReserve
  private let loop: EventLoop
  private let pool: BlockingPool
  private let committer: Committer
  private let journal: CommitJournal
  private let controller: TopicController
  private let groups: GroupCoordinator
  private let checkpointer: Checkpointer
  private let logger = Logger(label: "broker")

  private init(
    _ directory: DataDirectory, _ reserve: DiskReserve, _ topics: TopicTable, _ loop: EventLoop, _ pool: BlockingPool,
    _ committer: Committer, _ journal: CommitJournal, _ controller: TopicController, _ groups: GroupCoordinator,
    _ checkpointer: Checkpointer,
    _ identity: BrokerIdentity
  ) {
    self.directory = directory
    self.reserve = reserve
    self.topics = topics
    self.loop = loop
    self.pool = pool
    self.committer = committer
    self.journal = journal
    self.controller = controller
    self.identity = identity
    self.groups = groups
    self.checkpointer = checkpointer
  }

  // MARK: opening

  /// Opens the folder and everything in it.
  ///
  /// - Throws: ``BrokerError``.
  static func open(_ options: BrokerOptions, on loop: EventLoop) async throws -> BrokerParts {
    let pool = try BlockingPool(
      name: "broker-disk", threads: BrokerLimits.diskThreads, queueLimit: BrokerLimits.diskReadsWaiting)
    let reserve = DiskReserve(directory: options.directory, byteCount: options.reserveBytes, room: options.room)
    let files = ReservedFiles(options.files, reserve)
    let failed = options.diskFailed
    let (directory, journal) = try await pool.run {
      let directory = try DataDirectory(options.directory, files: files)
      reserve.prepare()
      return (directory, try openJournal(options.directory, options.files, reserve))
    }
    let committer = try Committer(journal, failed: failed)
    let store = PartitionStore(
      directory: options.directory, files: files, committer: committer, remembered: directory.checkpoints,
      after: directory.shutdown)
    let topics = TopicTable()
    let checkpointer = Checkpointer(directory, files: files, topics: topics, failed: failed)
    let settings = options.topicOptions
    let identity = BrokerIdentity(
      clusterID: "\(directory.clusterID)", host: options.toldHost, port: AdvertisedPort())
    let groups = GroupCoordinator(
      loop: loop, topics: topics, identity: identity, clock: { WallClock.milliseconds() })
    let hooks = TopicHooks(
      deleted: { name, _ in await groups.topicDeleted(name) }, failed: failed,
      saveLogStarts: { try checkpointer.remember() }, hasRoom: { reserve.admitsClients() })
    let controller = try await pool.run {
      try TopicController.start(
        on: loop, pool: pool, store: store, table: topics, options: settings, hooks: hooks)
    }
    let offsets = try await controller.internalTopic("__consumer_offsets")
    let log = CoordinatorLog(offsets.partitions[0], files: files) { try checkpointer.remember() }
    try await groups.start(log, pool: pool)
    loop.spawn { await controller.removeRetired() }
    return BrokerParts(
      directory, reserve, topics, loop, pool, committer, journal, controller, groups, checkpointer, identity)
  }

  /// Before any partition is opened: what it holds is theirs. Where there is no room for it while the broker runs, partitions are
  /// synced instead; only a start may take the reserve's.
  private static func openJournal(
    _ directory: String, _ files: any FileLayer, _ reserve: DiskReserve
  ) throws(BrokerError) -> CommitJournal {
    do throws(FileError) {
      let (journal, replayed) = try reserve.retrying { () throws(FileError) in
        try CommitJournal.open(directory, files: files)
      }
      let logger = Logger(label: "broker")
      for misfit in replayed.misfits {
        logger.error("the commit journal does not fit a segment", [(BrokerSignals.reason, misfit)])
      }
      if replayed.entryCount > 0 {
        logger.info(
          "brought back what the commit journal held",
          [(BrokerSignals.count, "\(replayed.entryCount)"), (BrokerSignals.bytes, "\(replayed.byteCount)")])
      }
      return journal
    } catch {
      throw BrokerError(
        .folderUnusable, "the commit journal in \(directory) cannot be used: \(error); look at the disk")
    }
  }

  /// Who answers what.
  func handlers(_ options: BrokerOptions, _ budgets: ConnectionBudgets) -> RequestHandlers {
    let (producerIDs, asked) = (ProducerIDs(controller), AskedTopics(controller))
    return RequestHandlers(
      produce: ProduceHandler(topics, committer, clock: { WallClock.milliseconds() }),
      fetch: FetchHandler(topics, pool: pool, budget: budgets.responses),
      listOffsets: ListOffsetsHandler(topics, pool: pool),
      metadata: MetadataHandler(topics, identity) { name in asked.missing(name) },
      apiVersions: ApiVersionsHandler(),
      initProducerID: InitProducerIDHandler { home, done in producerIDs.next(on: home, done) },
      offsetForLeaderEpoch: OffsetForLeaderEpochHandler(topics),
      further: [TopicRequests(controller, identity), GroupRequests(groups)])
  }

  // MARK: house-keeping

  func checkpoint() async {
    let (checkpointer, reserve) = (checkpointer, reserve)
    do {
      try await pool.run {
        checkpointer.run()
        reserve.look()
      }
    } catch {
      logger.warning("no checkpoint: the disk's threads are busy", [(BrokerSignals.reason, "\(error)")])
    }
  }

  /// Brings the metrics up to date that nobody counts while it happens.
  func measure(_ budgets: ConnectionBudgets) async {
    let (topics, metrics) = (topics.snapshot.topics, BrokerMetrics.shared)
    // Not on a loop: who appends may have a partition for a moment.
    let sums = try? await pool.run {
      topics.flatMap(\.partitions).reduce(into: (partitions: 0, segments: 0, bytes: Int64(0), producers: 0)) {
        sums, partition in
        let log = partition.withLog {
          (segments: $0.segmentCount, bytes: $0.byteCount, producers: $0.knownProducerCount)
        }
        sums = (
          sums.partitions + 1, sums.segments + log.segments, sums.bytes + log.bytes, sums.producers + log.producers
        )
      }
    }
    metrics.topics.set(topics.count)
    metrics.requestMemory.set(budgets.requests.taken)
    metrics.responseMemory.set(budgets.responses.taken)
    // Where the disk's threads are all busy, it stays as it was at the last look.
    guard let sums else { return }
    metrics.partitions.set(sums.partitions)
    metrics.segments.set(sums.segments)
    metrics.producers.set(sums.producers)
    metrics.logBytes.set(Double(sums.bytes))
  }

  func enforceRetention() async { await controller.enforceRetention() }

  /// Closes every partition and says so, for the next start.
  func close() async {
    await controller.stop()
    groups.stop()
    let (topics, directory, journal, logger) = (topics, directory, journal, logger)
    do {
      try await pool.run {
        let partitions = topics.snapshot.topics.flatMap(\.partitions)
        for partition in partitions { try partition.close(.clean) }
        try journal.close()
        try directory.writeCheckpoints(partitions)
        try directory.markClean()
      }
    } catch {
      // The next start looks at the files, as after a kill.
      logger.warning("the log was not closed cleanly", [(BrokerSignals.reason, "\(error)")])
    }
    directory.unlock()
  }
}

/// The port that clients are told: known once it is listened at.
package final class AdvertisedPort: Sendable {
  private let port = Atomic<Int>(0)

  package init() {}

  /// The port, 0 before it is known.
  package var value: Int32 { Int32(port.load(ordering: .acquiring)) }

  package func set(_ port: UInt16) { self.port.store(Int(port), ordering: .releasing) }
}
