package import EventLoop
internal import KafkaWire
package import PartitionLog
internal import Telemetry

/// Makes, changes and deletes topics, on its loop. The only writer of the metadata log and of the topic table.
///
/// One change at a time; a bounded number waits. What a change has answered for is on the disk: folders are made first, then
/// the metadata's record is synced, which is the moment of the change, and only then is the topic served.
package actor TopicController {
  /// How a broker makes its topics.
  package struct Options: Sendable {
    /// The broker's number.
    package var brokerID: Int32 = 1
    /// What the broker was started with, by the names of its configs.
    package var start: [String: String] = [:]
    /// When records are put on the disk where no config says so.
    package var flush = FlushPolicy.group

    package init() {}
  }

  /// The topics that are served.
  package nonisolated let table: TopicTable
  nonisolated let loop: EventLoop
  nonisolated let options: Options
  let hooks: TopicHooks
  let folders: TopicFolders
  /// The data folder, and the file system that it is on.
  let directory: String
  let files: any FileLayer
  let logger = Logger(label: "broker.topics")
  private let pool: BlockingPool
  private let metadata: MetadataLog
  private(set) var image: MetadataImage
  /// Names of topics by what may not be the same of two.
  private(set) var names: [String: String] = [:]
  private var isBusy = false
  private var isStopped = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

  /// A controller of the topics that the metadata has, all of which are in the table already.
  package init(
    on loop: EventLoop, pool: BlockingPool, metadata: MetadataLog, store: PartitionStore, table: TopicTable,
    options: Options, hooks: TopicHooks
  ) {
    self.loop = loop
    self.pool = pool
    self.metadata = metadata
    self.table = table
    self.options = options
    self.hooks = hooks
    folders = TopicFolders(store)
    directory = store.directory
    files = store.files
    image = metadata.image
    for topic in image.topics.values { names[TopicRules.collisionKey(of: topic.name)] = topic.name }
  }

  /// What was set for the broker.
  package var brokerConfigs: BrokerConfigs {
    BrokerConfigs(start: options.start, broker: image.brokerConfigs, everyBroker: image.everyBrokerConfigs)
  }

  /// The topic of that name, as the metadata has it.
  func topic(named name: String) -> MetadataTopic? {
    table.snapshot.topic(name).flatMap { image.topics[$0.id] }
  }

  func logOptions(_ topic: MetadataTopic) -> LogOptions {
    brokerConfigs.logOptions(topic: topic.configs, flush: options.flush)
  }

  // MARK: one change at a time

  /// Waits for the turn. What follows must call ``endChange()``.
  ///
  /// - Throws: `throttlingQuotaExceeded` where too many wait, `notController` where the broker stops.
  func beginChange() async throws(TopicRefusal) {
    guard isBusy else {
      isBusy = true
      return try checkRunning()
    }
    guard waiting.count < TopicLimits.waitingChanges else {
      throw TopicRefusal(.throttlingQuotaExceeded, "\(waiting.count) changes of topics wait already: retry.")
    }
    await withCheckedContinuation { waiting.append($0) }
    try checkRunning()
  }

  /// Refuses the turn that has just begun, where the controller has stopped.
  private func checkRunning() throws(TopicRefusal) {
    guard isStopped else { return }
    endChange()
    throw TopicRefusal(.notController, "The broker is stopping: retry.")
  }

  /// Refuses every change that has not begun. Within a turn.
  func refuseFurtherChanges() { isStopped = true }

  /// The next one's turn.
  func endChange() {
    if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
  }

  // MARK: the disk

  /// Adds a record to the metadata. When it returns, the change has happened.
  func record(_ record: MetadataRecord) async throws(TopicRefusal) {
    let metadata = metadata
    try await onDisk { try metadata.append(record) }
    image.fold(record)
    switch record {
    case .topic(let topic): names[TopicRules.collisionKey(of: topic.name)] = topic.name
    case .deleteTopic, .configs, .producerIDBlock, .snapshotEnd: break
    }
    guard metadata.isLong else { return }
    do throws(TopicRefusal) { try await foldMetadata() } catch {
      logger.warning(
        "the metadata log could not be folded and goes on growing", [(TopicSignals.reason, error.message ?? "")])
    }
  }

  func foldMetadata() async throws(TopicRefusal) {
    let metadata = metadata
    try await onDisk { try metadata.fold() }
  }

  /// The topic's name is free again.
  func forget(_ topic: MetadataTopic) { names[TopicRules.collisionKey(of: topic.name)] = nil }

  /// The deleted topic's folders are gone, or marked to be removed.
  func forgetDeleted(_ id: WireUUID) {
    metadata.forgetDeleted(id)
    image.forgetDeleted(id)
  }

  /// Does what blocks, on a thread of the pool.
  func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws(TopicRefusal) -> Value {
    do { return try await pool.run(work) } catch let error as TopicRefusal {
      throw error
    } catch let error as MetadataError {
      if error.code == .unknown { hooks.failed(error.message) }
      throw TopicRefusal(.kafkaStorageError, error.message)
    } catch let error as PartitionLogError {
      throw TopicRefusal(error.code, error.message)
    } catch {
      throw TopicRefusal(.kafkaStorageError, "\(error)")
    }
  }
}
