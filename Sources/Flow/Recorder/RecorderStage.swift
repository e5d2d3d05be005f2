internal import EventLog
package import EventLoop
internal import Lifecycle
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Postgres
internal import Telemetry

/// Records what the log says of invocations in PostgreSQL, each fact once, however often it is read.
///
/// Reads `tasks`, `results`, `logs` and `deadletters` from where the database says it was, and writes rows and the new places
/// in one transaction. Several recorders share the partitions by advisory locks. When the session with the database is lost
/// everything read and not written is forgotten, and read again with the next session: nothing is skipped, nothing counted
/// twice. Confined to its loop, which makes it Sendable.
package final class RecorderStage: Service, @unchecked Sendable {
  package let serviceName = "recorder"
  let loop: EventLoop
  let options: RecorderOptions
  let logger = Logger(label: RecorderSignals.label)
  let metrics = RecorderMetrics()
  let shards: [RecorderShard]

  private var reader: PartitionReader!
  private var producer: LogProducer!
  var owned: Set<RecorderShard> = []
  private var sources: [TopicPartition: RecorderSource] = [:]
  /// Where each partition will stand when the batches taken so far are written.
  private var expected: [TopicPartition: Int64] = [:]
  /// What has been read and not been taken for writing.
  private var gathered = RecorderBatch()
  private var isReadingPaused = false
  /// Records read, those read again included.
  private(set) var receivedCount = 0

  private let work: RecorderWork
  private var isDraining = false
  private var failures = 0
  private var hasStarted = false
  private var fatal: RecorderError?

  /// A recorder; nothing is connected yet.
  package init(_ options: RecorderOptions, on loop: EventLoop) {
    self.options = options
    self.loop = loop
    shards = RecorderShard.all(of: options.topics)
    work = RecorderWork(loop)
  }

  /// Records until cancelled; then writes what it has read and returns.
  ///
  /// - Throws: ``RecorderError`` where it cannot go on.
  package func run(started: @escaping @Sendable () -> Void) async throws {
    precondition(loop.isCurrent)
    try openLog()
    // A task of its own, because statements of a cancelled task are cancelled too and draining means to write. It ends by
    // `drain()`, and is waited for here.
    let sessions = Task(executorPreference: loop.tasks) { try await self.runSessions(started) }
    let outcome = await withTaskCancellationHandler {
      await sessions.result
    } onCancel: {
      loop.execute { [self] in drain() }
    }
    await reader.close()
    await producer.close()
    try outcome.get()
  }

  private func drain() {
    isDraining = true
    work.stop()
  }

  private func openLog() throws {
    reader = try PartitionReader(
      loop: loop, options: options.log, prefetchedKibibytes: RecorderLimits.prefetchedKibibytes,
      pace: RecorderLimits.pace)
    reader.received = { [weak self] partition, records in self?.received(records, of: partition) }
    reader.failed = { [weak self] error in self?.failed(error) }
    producer = try LogProducer(loop: loop, options: options.log)
    producer.failed = { [weak self] error in self?.failed(error) }
  }

  private func failed(_ error: EventLogError) {
    logger.warning("the log reports an error", [(RecorderSignals.reason, error.description)])
    guard error.isFatal else { return }
    fatal = RecorderError(.log, error.description)
    work.stop()
  }

  // MARK: sessions

  private func runSessions(_ started: @escaping @Sendable () -> Void) async throws {
    while !isDraining {
      if let fatal { throw fatal }
      do {
        try await runSession(started)
      } catch let error as PostgresError {
        guard error.code != .schema else { throw RecorderError(.schema, error.debugDescription) }
        failures += 1
        let pause = options.backOff.pause(afterFailures: failures, random: Double.random(in: 0..<1))
        // Once is enough for people; every attempt is for those who look closely.
        logger.log(
          failures == 1 ? .warning : .debug, "the database is away; everything not written is read again",
          [(RecorderSignals.reason, error.debugDescription), (RecorderSignals.pause, "\(pause)")])
        await work.pause(for: pause)
      } catch let error as RecorderError {
        // A dead letter that the log does not take while draining: nothing is lost, its batch is read again next time.
        guard isDraining else { throw error }
      }
    }
  }

  private func runSession(_ started: @escaping @Sendable () -> Void) async throws {
    let (session, applied) = try await RecorderSession.open(options.database, on: loop)
    if !applied.isEmpty { logger.info("migrated the database", [(RecorderSignals.migrations, "\(applied)")]) }
    defer { forgetEverything() }
    do {
      try await makeMonths(session)
      try await balance(session)
      if failures > 0 { logger.info("the database is back") }
      failures = 0
      if !hasStarted { started() }
      hasStarted = true
      try await record(in: session)
    } catch {
      await session.close()
      throw error
    }
    await session.close()
  }

  /// The life of a session: writes batches and looks after shards and months in turn; at last, what has been gathered.
  private func record(in session: RecorderSession) async throws {
    work.begin()
    while let due = await work.next() {
      switch due {
      case .batch: try await writeGathered(session)
      case .balance: try await balance(session)
      case .months: try await makeMonths(session)
      }
    }
    reader.pause(reader.partitions)
    try await writeGathered(session)
  }

  private func makeMonths(_ session: RecorderSession) async throws {
    let made = try await session.makeMonths(at: options.now())
    if made > 0 { logger.info("made partitions of months", [(RecorderSignals.months, String(made))]) }
  }

  private func forgetEverything() {
    reader.remove(reader.partitions)
    owned = []
    sources = [:]
    expected = [:]
    gathered = RecorderBatch()
    isReadingPaused = false
    work.end()
    metrics.ownedShards.set(0)
  }

  // MARK: shards

  /// Takes free shards up to this recorder's share, or gives up what is beyond it.
  private func balance(_ session: RecorderSession) async throws {
    let share = RecorderRules.fairShare(shards: shards.count, recorders: try await session.memberCount())
    for shard in owned.sorted(by: { $0.number > $1.number }).prefix(max(0, owned.count - share)) {
      forget(Set(shard.partitions.keys))
      owned.remove(shard)
      try await session.give(shard)
    }
    for shard in shards.shuffled() where owned.count < share && !owned.contains(shard) {
      guard try await session.take(shard) else { continue }
      owned.insert(shard)
      try await begin(Array(shard.partitions.keys), of: shard, session)
    }
    metrics.ownedShards.set(owned.count)
  }

  private func begin(_ partitions: [TopicPartition], of shard: RecorderShard, _ session: RecorderSession) async throws {
    let offsets = try await session.offsets(of: partitions)
    for (partition, offset) in offsets {
      sources[partition] = shard.partitions[partition]
      expected[partition] = offset
    }
    reader.add(offsets.mapValues { .offset($0) })
    if isReadingPaused { reader.pause(partitions) }
  }

  private func forget(_ partitions: Set<TopicPartition>) {
    reader.remove(Array(partitions))
    gathered = gathered.without(partitions)
    for partition in partitions {
      sources[partition] = nil
      expected[partition] = nil
    }
  }

  /// Reads partitions again from where the database says they are.
  private func beginAgain(_ fenced: Set<TopicPartition>, _ session: RecorderSession) async throws {
    metrics.fenced.increment(by: fenced.count)
    forget(fenced)
    for shard in owned {
      let partitions = shard.partitions.keys.filter { fenced.contains($0) }
      if !partitions.isEmpty { try await begin(Array(partitions), of: shard, session) }
    }
  }

  // MARK: reading

  private func received(_ records: [ConsumedRecord], of partition: TopicPartition) {
    guard let source = sources[partition] else { return }
    receivedCount += records.count
    gathered.append(records, from: source)
    metrics.records[source]?.increment(by: records.count)
    work.hasGathered()
    guard gathered.isFull else { return }
    work.hasGatheredEnough()
    if !isReadingPaused {
      isReadingPaused = true
      reader.pause(reader.partitions)
    }
  }

  // MARK: writing

  private func writeGathered(_ session: RecorderSession) async throws {
    guard !gathered.isEmpty else { return }
    let batch = gathered
    gathered = RecorderBatch()
    let before = expected
    expected.merge(batch.nextOffsets) { $1 }
    if isReadingPaused {
      isReadingPaused = false
      reader.resume(reader.partitions)
    }
    let begun = LoopInstant.current()
    try await rejectPoison(batch)
    try await write(batch, before, session)
    metrics.batchSeconds.record(LoopInstant.current() - begun)
    metrics.batchRecords.record(Double(batch.entries.count))
    metrics.oldestAge.set(Double(options.now().milliseconds - batch.oldestMilliseconds) / 1000)
  }

  /// Writes a batch. Where the database refuses its data, the batch is halved until the record is found that it refuses;
  /// that one goes to `deadletters`, all others are kept, in order.
  private func write(_ batch: RecorderBatch, _ expected: [TopicPartition: Int64], _ session: RecorderSession)
    async throws
  {
    do {
      let fenced = try await writeOnce(batch, expected, session)
      if !fenced.isEmpty { try await beginAgain(fenced, session) }
    } catch let error as PostgresError where error.isDataFault {
      guard batch.entries.count > 1 else { return try await writeWithoutData(batch, error, expected, session) }
      let (first, second) = batch.halves()
      try await write(first, expected, session)
      try await write(second, expected.merging(first.nextOffsets) { $1 }, session)
    }
  }

  /// Repeats are rare: after an executor or a recorder has died. So the way that minds them is the second one.
  private func writeOnce(
    _ batch: RecorderBatch, _ expected: [TopicPartition: Int64], _ session: RecorderSession
  ) async throws -> Set<TopicPartition> {
    do {
      return try await session.write(batch, expected: expected, path: .direct)
    } catch let error as PostgresError where RecorderSession.isRepeat(error) {
      metrics.repeats.increment()
      return try await session.write(batch, expected: expected, path: .staged)
    }
  }

  private func writeWithoutData(
    _ batch: RecorderBatch, _ error: PostgresError, _ expected: [TopicPartition: Int64], _ session: RecorderSession
  ) async throws {
    let reason = ContractError(.unprocessable, "the database refuses the record: \(error.debugDescription)")
    let rejected = RecorderBatch([RecorderBatch.Entry(record: batch.entries[0].record, fact: .poison(reason))])
    // A record that is refused without its data is no matter of data.
    switch batch.entries[0].fact {
    case .poison, .unreadable, .malformedTask: throw error
    case .invocation, .finished, .output, .deadLetter: break
    }
    try await rejectPoison(rejected)
    try await write(rejected, expected, session)
  }

  /// Puts the batch's poison records on `deadletters` and waits until the log has them.
  private func rejectPoison(_ batch: RecorderBatch) async throws {
    guard batch.hasRejections else { return }
    for entry in batch.entries {
      switch entry.fact {
      case .poison(let error): try await reject(entry.record, error)
      case .unreadable(let error):
        metrics.reject(error)
        logger.error("a dead letter cannot be read and is passed over", signals(of: entry.record, error))
      case .invocation, .finished, .output, .deadLetter, .malformedTask: break
      }
    }
  }

  private func reject(_ record: ConsumedRecord, _ error: ContractError) async throws {
    metrics.reject(error)
    logger.warning("a record cannot be recorded and goes to the dead letters", signals(of: record, error))
    let context = RecordContext(source: "/millrace/recorder/\(options.id)")
    var letter = DeadLetterRecord(of: record, because: error).encoded(context: context)
    letter.topic = options.topics.deadLetters
    while true {
      do {
        _ = try await producer.send(letter)
        return
      } catch let failure as EventLogError {
        logger.error(
          "a dead letter is not taken by the log; it is sent again", [(RecorderSignals.reason, failure.description)])
        if failure.isFatal || isDraining { throw RecorderError(.log, failure.description) }
        // Too large even for that topic: what it was and why it was refused is kept, its bytes stay where they were.
        if failure.code == .tooLarge { letter.value = nil }
        await work.pause(for: RecorderLimits.deadLetterPause)
      }
    }
  }

  private func signals(of record: ConsumedRecord, _ error: ContractError) -> [(String, String)] {
    [
      (RecorderSignals.code, error.code.name), (RecorderSignals.reason, error.message),
      (RecorderSignals.topic, record.position.partition.topic),
      (RecorderSignals.partition, String(record.position.partition.partition)),
      (RecorderSignals.offset, String(record.position.offset)),
    ]
  }
}
