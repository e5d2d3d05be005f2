package import EventLoop
internal import Glibc
internal import KafkaWire
internal import Lifecycle
internal import PartitionLog
package import Streams
internal import Telemetry

/// The embedded broker as a service: opens its folder, serves clients until it is cancelled, then closes cleanly.
///
/// Confined to its loop, which makes it Sendable. That loop is home of topics and groups; connections live on all loops.
package final class BrokerStage: Service, @unchecked Sendable {
  package let serviceName = "broker"

  private let loop: EventLoop
  private let options: BrokerOptions
  private let logger = Logger(label: "broker")
  private let stopping: Latch
  /// What connections may hold, and what they do.
  let budgets: ConnectionBudgets
  /// Where it listens, once it does.
  package private(set) var address: StreamAddress?

  /// A broker; nothing is opened yet.
  package init(loop: EventLoop, options: BrokerOptions) {
    self.loop = loop
    self.options = options
    stopping = Latch(loop)
    budgets = ConnectionBudgets(options.connectionLimits)
  }

  /// Serves until it is cancelled.
  ///
  /// - Throws: ``BrokerError`` where the folder is in use, unusable or damaged, or the address cannot be had.
  package func run(started: @escaping @Sendable () -> Void) async throws {
    let began = LoopInstant.current()
    let parts = try await BrokerParts.open(options, on: loop)
    let loops = try [loop] + (1..<max(1, options.loopCount)).map { try LoopThread.startLoop(name: "broker-\($0)") }
    let listener: StreamListener
    do throws(StreamError) { listener = try listen(parts, loops) } catch {
      await parts.close()
      throw BrokerError(
        .address, "\(options.listen) cannot be listened at: \(error); stop what listens there, or choose another")
    }
    let page = try options.metricsListen.map { address in
      try MetricsPage(address, on: loop) { [budgets] in await parts.measure(budgets) }
    }
    let checkpoints = loop.spawn { [self] in await keepHouse(parts) }
    let startTime = LoopInstant.current() - began
    BrokerMetrics.shared.startTime.set(Double(startTime.nanosecondsClamped) / 1e9)
    logger.info(
      "the broker answers",
      [
        (BrokerSignals.address, listener.address.description), (BrokerSignals.cluster, "\(parts.directory.clusterID)"),
        (BrokerSignals.partitions, "\(parts.topics.snapshot.partitionCount)"),
        (BrokerSignals.shutdown, "\(parts.directory.shutdown)"),
        (BrokerSignals.milliseconds, "\(startTime.nanosecondsClamped / 1_000_000)"),
      ])
    started()
    await stopping.waitUntilCancelled()
    checkpoints.cancel()
    listener.close()
    await closeConnections(loops)
    await checkpoints.value
    await parts.close()
    await page?.close()
    for other in loops.dropFirst() { other.stop() }
  }

  private var connections: [LoopConnections] = []

  private func listen(
    _ parts: BrokerParts, _ loops: [EventLoop]
  ) throws(StreamError) -> StreamListener {
    let router = RequestRouter(parts.handlers(options, budgets))
    connections = loops.map { LoopConnections($0, router, budgets) }
    let byLoop = Dictionary(uniqueKeysWithValues: zip(loops.map { ObjectIdentifier($0) }, connections))
    let listener = try StreamListener(
      options.listen, on: loop, spreadOver: loops, streamLimit: options.connectionLimits.connections
    ) { stream in byLoop[ObjectIdentifier(stream.loop)]?.add(stream) }
    address = listener.address
    if let told = options.advertised {
      parts.identity.advertised.set(told.port)
    } else if case .tcp(_, let port) = listener.address {
      parts.identity.advertised.set(port)
    }
    return listener
  }

  private func closeConnections(_ loops: [EventLoop]) async {
    for (loop, connections) in zip(loops, connections) {
      await withCheckedContinuation { done in
        loop.execute {
          connections.close()
          done.resume()
        }
      }
    }
  }

  /// Checkpoints and retention, each in its turn.
  private func keepHouse(_ parts: BrokerParts) async {
    // What this start had to look at, after a kill, the next one need not.
    await parts.checkpoint()
    let appendedBytes = BrokerMetrics.shared.appendedBytes
    var (checkpointed, bytesThen, cleaned) = (LoopInstant.current(), appendedBytes.value, LoopInstant.current())
    while !Task.isCancelled {
      do { try await loop.sleep(for: BrokerLimits.housekeepingInterval) } catch { return }
      let (now, bytes) = (LoopInstant.current(), appendedBytes.value)
      if now - checkpointed >= BrokerLimits.checkpointInterval || bytes - bytesThen >= BrokerLimits.checkpointBytes {
        await parts.checkpoint()
        (checkpointed, bytesThen) = (now, bytes)
      }
      guard now - cleaned >= BrokerLimits.retentionInterval else { continue }
      cleaned = now
      await parts.enforceRetention()
    }
  }
}
