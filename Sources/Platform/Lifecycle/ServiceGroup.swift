package import EventLoop
internal import Glibc
internal import Telemetry

/// Starts services in order and stops them in reverse.
///
/// SIGTERM and SIGINT begin the drain: each service is cancelled once the one started after it has returned. A second
/// signal, or the end of the drain time, ends the process at once. On the loop only; that confinement makes it Sendable.
package final class ServiceGroup: @unchecked Sendable {
  /// How a group ended.
  package enum Outcome: Sendable, Equatable {
    /// Everything drained, because it was asked to.
    case drained
    /// A service failed or returned unasked; the rest drained.
    case failed(service: String, reason: String)
  }

  private let loop: EventLoop
  private let services: [any Service]
  private let drainTime: Duration
  private let exit: @Sendable (Int32) -> Void
  private let logger = Logger(label: "lifecycle")

  private var running: [(service: any Service, task: Task<Void, Never>)] = []
  private var returned: Set<Int> = []
  private var failure: Outcome?
  private var isStopping = false
  private var hasBegun = false
  private var drainTimer: LoopTimer?
  private var completion: CheckedContinuation<Outcome, Never>?

  /// A group on the loop. `exit` ends the process when a drain takes too long (code 1) or a second signal arrives
  /// (128 + its number).
  package init(
    loop: EventLoop, services: [any Service], drainTime: Duration = LifecycleLimits.drainTime,
    exit: @escaping @Sendable (Int32) -> Void = { _exit($0) }
  ) {
    self.loop = loop
    self.services = services
    self.drainTime = drainTime
    self.exit = exit
  }

  /// Runs the services until they have drained. Watches SIGTERM and SIGINT meanwhile; once, on the loop.
  package func run() async throws -> Outcome {
    let watch = try SignalWatch([SIGTERM, SIGINT], on: loop) { [self] in received($0) }
    defer { watch.close() }
    return await runWithoutSignals()
  }

  /// Runs the services without watching signals: ``stop()`` begins the drain.
  package func runWithoutSignals() async -> Outcome {
    precondition(loop.isCurrent)
    return await withCheckedContinuation { continuation in
      loop.execute { [self] in
        precondition(!hasBegun)
        hasBegun = true
        completion = continuation
        startNext()
      }
    }
  }

  /// Begins the drain; harmless when it has begun.
  package func stop() {
    precondition(loop.isCurrent)
    guard !isStopping else { return }
    isStopping = true
    guard hasBegun else { return }
    logger.info("draining")
    drainTimer = loop.schedule(after: drainTime) { [self] in
      logger.error("the drain took too long", [(LifecycleSignals.service, lastRunning?.service.serviceName ?? "")])
      exit(1)
    }
    cancelLast()
  }

  private func received(_ signal: Int32) {
    if isStopping {
      logger.warning("second signal, leaving at once", [(LifecycleSignals.signal, "\(signal)")])
      return exit(128 + signal)
    }
    logger.info("signal received", [(LifecycleSignals.signal, "\(signal)")])
    stop()
  }

  private func startNext() {
    if services.isEmpty { stop() }
    guard !isStopping else { return cancelLast() }
    guard running.count < services.count else { return }
    let index = running.count
    let service = services[index]
    let task = loop.spawn { [self] in
      var reason: String?
      do {
        try await service.run(started: { [self] in loop.execute { [self] in started(index) } })
      } catch is CancellationError {
        // Draining by throwing is draining.
      } catch {
        reason = "\(error)"
      }
      let end = reason
      loop.execute { [self] in ended(index, end) }
    }
    running.append((service, task))
  }

  private func started(_ index: Int) {
    logger.debug("service started", [(LifecycleSignals.service, services[index].serviceName)])
    guard index == running.count - 1, !returned.contains(index) else { return }
    startNext()
  }

  private func ended(_ index: Int, _ reason: String?) {
    returned.insert(index)
    let name = services[index].serviceName
    logger.debug("service ended", [(LifecycleSignals.service, name)])
    if let reason, failure == nil {
      logger.error("service failed", [(LifecycleSignals.service, name), (LifecycleSignals.reason, reason)])
      failure = .failed(service: name, reason: reason)
    } else if !isStopping {
      logger.error("service returned unasked", [(LifecycleSignals.service, name)])
      failure = failure ?? .failed(service: name, reason: "returned unasked")
    }
    if isStopping { cancelLast() } else { stop() }
  }

  private var lastRunning: (service: any Service, task: Task<Void, Never>)? {
    running.indices.reversed().first { !returned.contains($0) }.map { running[$0] }
  }

  /// Cancels the last service that still runs; the group has ended where none does.
  private func cancelLast() {
    if let last = lastRunning { return last.task.cancel() }
    drainTimer?.cancel()
    let waiting = completion
    completion = nil
    waiting?.resume(returning: failure ?? .drained)
  }
}
