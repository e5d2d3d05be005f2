internal import CatalogueView
internal import CodeStore
internal import EventLog
package import EventLoop
internal import Lifecycle
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import PythonSandbox
internal import Telemetry

/// Runs what `tasks` says in sandboxes and tells `results`, `logs` and, where a caller waits, `replies` what came of it.
///
/// Tasks go from the log to queues by function, from there into sandboxes; each is done when its result is acknowledged, and
/// only the contiguous prefix of those is committed. Whoever takes a partition over looks at its results first and runs
/// nothing again that has one. Confined to its loop, which makes it Sendable.
package final class ExecutorStage: Service, @unchecked Sendable {
  package let serviceName = "executor"
  let loop: EventLoop
  let options: ExecutorOptions
  let context: RecordContext
  let logger = Logger(label: ExecutorSignals.label)
  let metrics = ExecutorMetrics()
  let view: CatalogueView
  let store: ContentStore

  var host: SandboxHost!
  var cache: CodeCache!
  /// Outcomes and output, in company: nobody waits for them, and each batch costs the broker a request.
  var producer: LogProducer!
  /// Replies, each at once and on a connection of its own: a caller waits, and behind other records it would wait for those.
  var replies: LogProducer!
  var results: PartitionReader!
  var consumer: GroupConsumer!

  var dispatcher: Dispatcher
  var owned: [Int32: OwnedPartition] = [:]
  /// Work that waits for a sandbox, by number; begun work is with its sandbox.
  var waiting: [UInt64: ExecutorWork] = [:]
  var lastWork: UInt64 = 0
  var sandboxes: [UInt64: RunningSandbox] = [:]
  var versions: [FunctionKey: CatalogueVersion] = [:]
  var revocations: [Revocation] = []
  var isCommitting = false
  var lastCommit = LoopInstant.current()
  var lastHeartbeat: LoopInstant?
  var isDraining = false
  var isClosed = false

  private let origin = LoopInstant.current()
  private let stopping: Latch
  private var fatal: ExecutorError?

  /// An executor; nothing is connected or started yet.
  package init(_ options: ExecutorOptions, on loop: EventLoop) {
    self.options = options
    self.loop = loop
    context = RecordContext(source: "/millrace/executor/\(options.id)")
    view = CatalogueView(loop: loop, options: options.log)
    store = ContentStore(loop: loop, options: options.log, context: context)
    dispatcher = Dispatcher(
      limits: Dispatcher.Limits(
        capacity: options.sandboxCapacity, pipeline: options.pipeline, idleTime: options.idleTime,
        processors: options.processors))
    stopping = Latch(loop)
  }

  /// Time since an origin of its own, for the dispatcher.
  var time: Duration { LoopInstant.current() - origin }

  /// Runs tasks until cancelled; then finishes what has begun, commits, and leaves the group.
  ///
  /// - Throws: ``ExecutorError`` where this host cannot isolate, or the log clients are of no more use.
  package func run(started: @escaping @Sendable () -> Void) async throws {
    precondition(loop.isCurrent)
    let latch = stopping
    try await withTaskCancellationHandler {
      try await runUntilStopped(started)
    } onCancel: {
      latch.open()
    }
    if let fatal { throw fatal }
  }

  private func runUntilStopped(_ started: @escaping @Sendable () -> Void) async throws {
    try await prepare()
    await catchUp()
    if !Task.isCancelled && fatal == nil {
      try join()
      tick()
      started()
      await stopping.wait()
    }
    await drain()
  }

  func stop(_ error: ExecutorError) {
    logger.error("the executor cannot go on", [(ExecutorSignals.reason, error.message)])
    fatal = fatal ?? error
    stopping.open()
  }

  // MARK: beginning

  /// Sandboxes first: where one cannot be isolated nothing is read at all.
  private func prepare() async throws {
    let interpreters = await PythonInterpreter.discover(extraPaths: options.interpreterPaths, on: loop)
    do throws(SandboxError) {
      host = try SandboxHost(loop: loop, interpreters: interpreters, options: options.sandbox)
    } catch { throw ExecutorError(.isolationImpossible, error.message) }
    logger.info(
      "sandboxes can be isolated here",
      [(ExecutorSignals.runtimes, interpreters.map(\.runtime).joined(separator: " "))])
    cache = try await CodeCache.open(options.codeDirectory, store: store, on: loop)
    var inCompany = LogProducer.Limits()
    inCompany.linger = ExecutorLimits.resultLinger
    producer = try LogProducer(loop: loop, options: options.log, limits: inCompany)
    replies = try LogProducer(loop: loop, options: options.log)
    for producer in [producer, replies] {
      producer?.failed = { [weak self] in self?.stop(ExecutorError(.log, $0.message)) }
    }
    results = try PartitionReader(loop: loop, options: options.log)
    results.received = { [weak self] in self?.lookedAt($1, of: $0) }
    results.reachedEnd = { [weak self] in self?.begin($0, resultsEnd: $1) }
    results.failed = { [weak self] in self?.logFailed($0) }
    try view.start()
  }

  /// A task is only judged by a catalogue that is whole.
  private func catchUp() async {
    let caughtUp = Latch(loop)
    view.whenCaughtUp { caughtUp.open() }
    let stopping = stopping
    loop.spawn {
      await stopping.wait()
      caughtUp.open()
    }
    await caughtUp.wait()
  }

  private func join() throws {
    var settings = GroupConsumer.Settings()
    settings.sessionTimeout = options.sessionTimeout
    settings.revocationDeadline = options.drainTime
    consumer = try GroupConsumer(
      loop: loop, options: options.log, group: options.group, instanceID: options.id.text,
      topics: [TopicDeclaration.tasks.name], settings: settings, handler: self)
  }

  func logFailed(_ error: EventLogError) {
    logger.warning("the log reports an error", [(ExecutorSignals.reason, error.description)])
    if error.isFatal { stop(ExecutorError(.log, error.message)) }
  }

  // MARK: now and then

  private func tick() {
    guard !isClosed else { return }
    flushOutput()
    perform(dispatcher.tick(at: time))
    if LoopInstant.current() - lastCommit >= ExecutorLimits.commitInterval { commit() }
    let interval =
      time < ExecutorLimits.firstHeartbeats ? ExecutorLimits.firstHeartbeatInterval : ExecutorLimits.heartbeatInterval
    if lastHeartbeat.map({ LoopInstant.current() - $0 >= interval }) ?? true { heartbeat() }
    loop.schedule(after: ExecutorLimits.tickInterval) { [weak self] in self?.tick() }
  }

  func heartbeat() {
    lastHeartbeat = LoopInstant.current()
    let (count, busy, queued) = (dispatcher.slots.count, dispatcher.busyCount, dispatcher.waitingCount)
    metrics.sandboxes.set(count)
    metrics.busy.set(busy)
    metrics.queued.set(queued)
    metrics.partitions.set(owned.count)
    metrics.lag.set(owned.values.reduce(0) { $0 + Int(consumer.lag($1.partition) ?? 0) })
    let record = ExecutorRecord(
      executor: options.id, state: isDraining ? .draining : .ready,
      runtimes: host.interpreters.compactMap { try? RuntimeName($0.runtime) }, partitions: owned.keys.sorted(),
      sandboxCapacity: Int32(options.sandboxCapacity), sandboxCount: Int32(count), busyCount: Int32(busy),
      queuedCount: Int32(clamping: queued), at: options.now())
    // The next one follows in a second: one that is lost is not sent again.
    producer.send(record.encoded(context: context)) { _ in }
  }

  // MARK: leaving

  private func drain() async {
    isDraining = true
    if consumer != nil {
      heartbeat()
      await consumer.close()
    }
    isClosed = true
    await withCheckedContinuation { continuation in host.close { continuation.resume() } }
    await producer.flush(within: .seconds(5))
    await replies.flush(within: .seconds(1))
    await producer.close()
    await replies.close()
    await results.close()
    await view.close()
    await store.close()
  }
}
