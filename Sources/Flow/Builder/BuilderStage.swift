internal import CatalogueView
internal import CodeStore
internal import ControllerClient
internal import EventLog
package import EventLoop
internal import Lifecycle
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import PythonSandbox
internal import Telemetry

/// The builder as a role: reads `submissions` and the uploads on `code`; writes packages to `code`, versions through the
/// controller, and what is no submission to `deadletters`.
///
/// A few submissions at once, those of one function one after the other; an offset is committed when all before it have come
/// to something. Confined to its loop, which makes it Sendable.
package final class BuilderStage: Service, @unchecked Sendable {
  package let serviceName = "builder"

  private let loop: EventLoop
  private let options: BuilderOptions
  private let context = RecordContext(source: "/millrace/builder")
  private let logger = Logger(label: "builder")
  private var queue = SubmissionQueue(
    limit: BuilderLimits.queuedSubmissions, together: BuilderLimits.submissionsTogether)
  private var consumer: GroupConsumer?
  private var build: SubmissionBuild?
  private var producer: LogProducer?
  private var isPaused = false
  private var isDraining = false
  /// Why no more can be built, where that is so.
  private var fatal: BuilderError?
  /// Opens when it is cancelled, or the log is of no more use to it.
  private let stopping: Latch
  /// To be told when no submission of the partitions is under way, in their order; of any partition where none is named.
  private var waitingForQuiet: [(partitions: [TopicPartition]?, done: () -> Void)] = []
  private let seconds = MetricsRegistry.shared.histogram(
    BuilderSignals.buildSeconds, help: "Time from taking a submission to its version or failure.", range: .seconds)

  /// A builder; nothing is connected yet.
  package init(loop: EventLoop, options: BuilderOptions) {
    self.loop = loop
    self.options = options
    stopping = Latch(loop)
  }

  /// Builds until it is cancelled; the submission under way is finished first.
  ///
  /// - Throws: `EventLogError` or `EventLoopError` where it cannot be set up; ``BuilderError`` with `log` where a log client
  ///   is of no more use, so that whoever runs the builder starts another.
  package func run(started: @escaping @Sendable () -> Void) async throws {
    let interpreters = await PythonInterpreter.discover(extraPaths: options.pythonPaths, on: loop)
    logger.info(
      "runtimes found", [(BuilderSignals.runtimes, interpreters.map(\.runtime).joined(separator: " "))])
    let view = CatalogueView(loop: loop, options: options.log)
    try view.start()
    let store = ContentStore(loop: loop, options: options.log, context: context) { view.tables.code(of: $0) }
    let controller = ControllerClient(loop: loop, address: options.controller, clusterToken: options.clusterToken)
    let pool = try BlockingPool(name: "builder", threads: 2, queueLimit: BuilderLimits.submissionsTogether)
    build = SubmissionBuild(
      loop: loop, controller: controller, store: store, pool: pool, interpreters: interpreters)
    producer = try LogProducer(loop: loop, options: options.log)
    producer?.failed = { [weak self] in self?.stop(because: $0) }
    consumer = try GroupConsumer(
      loop: loop, options: options.log, group: options.group, instanceID: options.instanceID,
      topics: [TopicDeclaration.submissions.name], handler: self)
    started()
    await stopping.waitUntilCancelled()
    await drain()
    controller.close()
    await store.close()
    await view.close()
    await producer?.close()
    if let fatal { throw fatal }
  }

  /// A client that failed for good would leave a builder that lives and builds nothing.
  private func stop(because error: EventLogError) {
    logger.error("the builder cannot go on", [(BuilderSignals.reason, error.description)])
    fatal = fatal ?? BuilderError(.log, error.message)
    stopping.open()
  }

  private func drain() async {
    isDraining = true
    if !queue.underWay.isEmpty {
      await withCheckedContinuation { done in waitingForQuiet.append((nil, { done.resume() })) }
    }
    await consumer?.close()
  }

  // MARK: work

  private func buildNext() {
    while !isDraining, let turn = queue.next() {
      if isPaused, queue.isRoomy, let consumer {
        isPaused = false
        consumer.resume(consumer.partitions)
      }
      loop.spawn { [self] in
        let began = LoopInstant.current()
        switch await handle(turn.record) {
        case .ended: commit(queue.finish(turn), turn.record.position.partition)
        case .givenUp: queue.leave(turn)
        }
        seconds.record(LoopInstant.current() - began)
        tellQuiet()
        buildNext()
      }
    }
  }

  private func tellQuiet() {
    let isQuiet = { [queue] (partitions: [TopicPartition]?) in
      partitions.map { !queue.isUnderWay($0) } ?? queue.underWay.isEmpty
    }
    let told = waitingForQuiet.filter { isQuiet($0.partitions) }
    waitingForQuiet.removeAll { isQuiet($0.partitions) }
    for waiting in told { waiting.done() }
  }

  /// How the work on a record came to its end.
  private enum End { case ended, givenUp }

  /// Brings a record to its end, however long that takes. Only a drain gives up before: then the next builder begins with
  /// this record.
  private func handle(_ record: ConsumedRecord) async -> End {
    var attempts = 0
    while true {
      do throws(BuilderError) {
        try await process(record)
        return .ended
      } catch {
        logger.warning(
          "a submission cannot be built now, trying again",
          [(BuilderSignals.position, record.position.description), (BuilderSignals.reason, error.message)])
        guard !isDraining else { return .givenUp }
        try? await loop.sleep(for: BuilderRules.retryPause(afterAttempts: attempts))
        attempts += 1
      }
    }
  }

  private func process(_ record: ConsumedRecord) async throws(BuilderError) {
    guard let build else { return }
    let submission: SubmissionRecord
    do throws(ContractError) { submission = try SubmissionRecord(decoding: record) } catch {
      return try await bury(record, error)
    }
    let outcome: SubmissionBuild.Outcome
    do throws(BuilderError) { outcome = try await build.run(submission) } catch {
      guard error.code == .unknownDeployment else { throw error }
      return try await bury(record, ContractError(.unprocessable, error.message))
    }
    report(outcome, of: submission)
  }

  private func report(_ outcome: SubmissionBuild.Outcome, of submission: SubmissionRecord) {
    let about = [
      (BuilderSignals.deployment, submission.deployment.description),
      (BuilderSignals.function, submission.function.text),
    ]
    switch outcome {
    case .published(let version):
      count("published")
      logger.info("version published", about + [(BuilderSignals.version, version.description)])
    case .failed(let error):
      count(error.code.name)
      logger.info("submission refused", about + [(BuilderSignals.reason, error.message)])
    case .repeated:
      count("repeated")
      logger.debug("submission was built before", about)
    }
  }

  private func count(_ outcome: String) {
    MetricsRegistry.shared.counter(
      BuilderSignals.builds, help: "Submissions by what they came to.", labels: [("outcome", outcome)]
    ).increment()
  }

  private func bury(_ record: ConsumedRecord, _ reason: ContractError) async throws(BuilderError) {
    guard let producer else { return }
    let letter = DeadLetterRecord(of: record, because: reason).encoded(context: context)
    do { _ = try await producer.send(letter) } catch {
      throw BuilderError(.unavailable, "the log does not take a dead letter: \(error)")
    }
    count("dead")
    logger.warning(
      "a record is no submission",
      [(BuilderSignals.position, record.position.description), (BuilderSignals.reason, reason.description)])
  }

  private func commit(_ offset: Int64?, _ partition: TopicPartition) {
    guard let offset else { return }
    consumer?.commit([partition: (offset, "")]) { [self] outcome in
      // Uncommitted, it is built again by whoever has the partition now, which changes nothing.
      guard case .failure(let error) = outcome else { return }
      logger.debug("an offset was not committed", [(BuilderSignals.reason, error.description)])
    }
  }
}

extension BuilderStage: GroupConsumerHandler {
  func consumer(_ consumer: GroupConsumer, assigned partitions: [AssignedPartition]) {
    for partition in partitions {
      queue.assign(partition.partition)
      consumer.start(partition.partition, at: .committed)
    }
    isPaused = false
  }

  func consumer(
    _ consumer: GroupConsumer, revoked partitions: [TopicPartition], done: @escaping () -> Void
  ) {
    if queue.forget(partitions) { waitingForQuiet.append((partitions, done)) } else { done() }
  }

  func consumer(_ consumer: GroupConsumer, lost partitions: [TopicPartition]) { _ = queue.forget(partitions) }

  func consumer(
    _ consumer: GroupConsumer, received records: [ConsumedRecord], from partition: TopicPartition
  ) {
    queue.add(records)
    if queue.isFull, !isPaused {
      isPaused = true
      consumer.pause(consumer.partitions)
    }
    buildNext()
  }

  func consumer(_ consumer: GroupConsumer, failed error: EventLogError) {
    logger.warning("reading submissions failed", [(BuilderSignals.reason, error.description)])
    if error.isFatal { stop(because: error) }
  }
}
