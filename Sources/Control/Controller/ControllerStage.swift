internal import Catalogue
internal import ControlWire
package import EventLoop
internal import HTTPServer
internal import Lifecycle
internal import LogContracts
internal import MillraceDomain
internal import Security
internal import Settings
internal import Streams
internal import Telemetry

/// The controller as a role: commands in by HTTP, answers when they are on disk, changes out to `functions`.
///
/// Confined to its loop, which makes it Sendable.
package final class ControllerStage: Service, @unchecked Sendable {
  package let serviceName = "controller"

  private let loop: EventLoop
  private let options: ControllerOptions
  private let logger = Logger(label: "controller")
  private let accepted = MetricsRegistry.shared.counter(
    ControllerSignals.requests, help: "Commands by what came of them.", labels: [("outcome", "answered")])
  private let refused = MetricsRegistry.shared.counter(
    ControllerSignals.requests, help: "Commands by what came of them.", labels: [("outcome", "refused")])
  private let failed = MetricsRegistry.shared.counter(
    ControllerSignals.requests, help: "Commands by what came of them.", labels: [("outcome", "failed")])

  /// A controller; nothing is opened yet.
  package init(loop: EventLoop, options: ControllerOptions) {
    self.loop = loop
    self.options = options
  }

  /// Opens the directory, listens, then publishes until it is cancelled.
  ///
  /// - Throws: ``ControllerError`` where the directory is locked or damaged, the disk fails, or `functions` belongs to another
  ///   catalogue; `StreamError` where it cannot listen.
  package func run(started: @escaping @Sendable () -> Void) async throws {
    let files = try DirectoryFiles(path: options.directory)
    let feed = TopicFeed(loop: loop, options: options.log, context: RecordContext(source: "/millrace/controller"))
    let controller = try await CatalogueController.open(files: files, feed: feed, on: loop)
    let server = HTTPServer(loop: loop, router: router(controller)) { refusal in
      ControllerStage.problem(refusal.detail, status: refusal.code.status)
    }
    if let path = options.socketPath { try server.listen(at: .unix(path: path)) }
    if let listen = options.listen { try server.listen(at: .tcp(host: listen.host, port: listen.port)) }
    logger.info("the controller answers", [(ControllerSignals.index, controller.state.appliedIndex.description)])
    started()
    var outcome: (any Error)?
    do {
      try await withTaskCancellationHandler {
        try await controller.run()
      } onCancel: {
        loop.execute { [self] in drain(controller, server, feed) }
      }
    } catch { outcome = error }
    await server.drain(within: ControllerLimits.drainTime)
    await feed.close()
    if let outcome { throw outcome }
  }

  private func drain(_ controller: CatalogueController, _ server: HTTPServer, _ feed: TopicFeed) {
    loop.spawn { [self] in
      await server.drain(within: ControllerLimits.drainTime)
      controller.stop()
      // A log that is away must not hold the process up: what it has not taken is published by the next start.
      loop.schedule(after: ControllerLimits.drainTime) { [self] in loop.spawn { await feed.close() } }
    }
  }

  // MARK: requests

  private func router(_ controller: CatalogueController) -> HTTPRouter {
    let expected = options.clusterToken.map { Array(ControlProtocol.authorization(clusterToken: $0).utf8) }
    return HTTPRouter([
      HTTPRoute(.post, ControlProtocol.commandsPath, bodyLimitBytes: ControllerLimits.commandByteCount) {
        [self] exchange in
        guard isAuthorized(exchange, expected) else { return }
        perform(exchange, controller)
      },
      HTTPRoute(.get, ControlProtocol.statusPath, bodyLimitBytes: 0) { [self] exchange in
        guard isAuthorized(exchange, expected) else { return }
        exchange.respond(.json(ControlProtocol.encode(controller.status)))
      },
    ])
  }

  /// Whether the sender may ask; answers it where it may not.
  private func isAuthorized(_ exchange: HTTPExchange, _ expected: [UInt8]?) -> Bool {
    guard let expected else { return true }
    let presented = Array((exchange.header("authorization") ?? "").utf8)
    if MessageAuthentication.areEqual(presented, expected) { return true }
    refused.increment()
    exchange.respond(ControllerStage.problem("the cluster token is missing or wrong", status: 401))
    return false
  }

  private func perform(_ exchange: HTTPExchange, _ controller: CatalogueController) {
    let request: ControlRequest
    do { request = try ControlProtocol.decode(ControlRequest.self, exchange.body) } catch {
      refused.increment()
      return exchange.respond(ControllerStage.problem("the command cannot be read: \(error)", status: 400))
    }
    let time = Timestamp(milliseconds: WallClock.milliseconds())
    controller.submit(request.action, at: time) { [self] outcome in
      switch outcome {
      case .success(let response):
        accepted.increment()
        exchange.respond(.json(ControlProtocol.encode(response)))
      case .failure(let error):
        failed.increment()
        exchange.respond(ControllerStage.problem(error.description, status: error.isRetriable ? 503 : 500))
      }
    }
  }

  private static func problem(_ message: String, status: Int) -> HTTPResponse {
    .json(ControlProtocol.encode(ControlProblem(message: message)), status: status)
  }
}
