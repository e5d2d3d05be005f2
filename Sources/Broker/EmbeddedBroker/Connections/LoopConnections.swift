internal import EventLoop
internal import Streams
internal import Telemetry

/// The connections of one loop. Confined to it, which makes it Sendable.
final class LoopConnections: @unchecked Sendable {
  private let loop: EventLoop
  private let router: RequestRouter
  private let budgets: ConnectionBudgets
  private let metrics = BrokerMetrics.shared
  private var connections: [ObjectIdentifier: BrokerConnection] = [:]
  private var sweep: LoopTimer?
  private var isClosed = false

  init(_ loop: EventLoop, _ router: RequestRouter, _ budgets: ConnectionBudgets) {
    self.loop = loop
    self.router = router
    self.budgets = budgets
  }

  /// Serves a client. On the loop, as everything here.
  func add(_ stream: ByteStream) {
    guard !isClosed else { return stream.close() }
    if sweep == nil { scheduleSweep() }
    let connection = BrokerConnection(stream, router, budgets, clientHost: stream.peerHost) { [unowned self] in
      forget($0)
    }
    connections[ObjectIdentifier(connection)] = connection
    metrics.connections.add(1)
    do throws(StreamError) { try connection.start() } catch { forget(connection) }
  }

  private func forget(_ connection: BrokerConnection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    metrics.connections.add(-1)
  }

  private func scheduleSweep() {
    sweep = loop.schedule(after: budgets.limits.sweepInterval) { [weak self] in
      guard let self, !isClosed else { return }
      for connection in connections.values where connection.isOverdue(at: loop.now) { connection.close() }
      scheduleSweep()
    }
  }

  /// Serves nobody any more.
  func close() {
    isClosed = true
    sweep?.cancel()
    for connection in connections.values { connection.close() }
  }
}
