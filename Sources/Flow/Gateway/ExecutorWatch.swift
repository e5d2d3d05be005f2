internal import EventLog
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Telemetry

/// Which executors are alive and what they have taken on, by their heartbeats on `executors`. Confined to its loop.
final class ExecutorWatch: @unchecked Sendable {
  private let loop: EventLoop
  private let options: EventLogOptions
  private let logger = Logger(label: "gateway.executors")
  private var reader: PartitionReader?
  private var lastSeen: [ComponentID: (time: LoopInstant, partitions: [Int32])] = [:]
  private var isClosed = false

  init(loop: EventLoop, options: EventLogOptions) {
    self.loop = loop
    self.options = options
  }

  /// Whether those that take work and were heard of lately, by this machine's clock, have every partition of `tasks`. One that
  /// has just started has none yet.
  var runEverything: Bool {
    let now = LoopInstant.current()
    let alive = lastSeen.values.filter { now - $0.time <= GatewayLimits.heartbeat }
    return GatewayRules.areCovered(TopicDeclaration.tasks.partitions, by: alive.map(\.partitions))
  }

  func start() throws {
    precondition(loop.isCurrent && reader == nil)
    let reader = try PartitionReader(loop: loop, options: options, prefetchedKibibytes: 1024)
    reader.received = { [weak self] _, records in self?.take(records) }
    reader.failed = { [weak self] error in self?.readingFailed(error) }
    let partitions = (0..<TopicDeclaration.executors.partitions).map {
      TopicPartition(TopicDeclaration.executors.name, $0)
    }
    // From the end: only what is said from now on tells who is alive now.
    reader.add(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .latest) }))
    self.reader = reader
  }

  func close() async {
    isClosed = true
    let reader = reader
    self.reader = nil
    await reader?.close()
  }

  private func take(_ records: [ConsumedRecord]) {
    let now = LoopInstant.current()
    for record in records {
      guard let executor = try? ExecutorRecord(decoding: record) else { continue }
      switch executor.state {
      case .ready: lastSeen[executor.executor] = (now, executor.partitions)
      case .draining: lastSeen[executor.executor] = nil
      }
    }
    lastSeen = lastSeen.filter { now - $0.value.time <= GatewayLimits.heartbeat }
  }

  private func readingFailed(_ error: EventLogError) {
    logger.warning("reading heartbeats failed", [(GatewaySignals.reason, error.description)])
    guard error.isFatal, let reader else { return }
    self.reader = nil
    loop.spawn { [self] in
      await reader.close()
      try? await loop.sleep(for: GatewayLimits.restartInterval)
      guard !isClosed else { return }
      do { try start() } catch { preconditionFailure("the same settings were accepted before: \(error)") }
    }
  }
}
