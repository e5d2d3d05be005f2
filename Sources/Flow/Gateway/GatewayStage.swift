package import EventLoop
internal import HTTPServer
internal import Lifecycle
internal import MillraceDomain
package import Streams
internal import Telemetry

/// The gateway as a role: requests in, tasks out; outcomes of waiting calls in by `replies`.
///
/// Reads `functions`, `replies` and `executors`, writes `tasks`, `code` and `submissions`, reads PostgreSQL, and asks the
/// controller for changes of the catalogue. Confined to its loop, which makes it Sendable.
package final class GatewayStage: Service, @unchecked Sendable {
  package let serviceName = "gateway"

  private let loop: EventLoop
  private let options: GatewayOptions
  private let logger = Logger(label: "gateway")

  /// Where it listens, with the port the system chose; nil until it does.
  package private(set) var address: StreamAddress?

  /// A gateway; nothing is opened yet.
  package init(loop: EventLoop, options: GatewayOptions) {
    self.loop = loop
    self.options = options
  }

  /// Listens and serves until it is cancelled; then lets what has begun be answered, within ``GatewayLimits/drain``.
  ///
  /// - Throws: `StreamError` where it cannot listen, `EventLogError` where a setting of the log is wrong.
  package func run(started: @escaping @Sendable () -> Void) async throws {
    let services = try GatewayServices(loop: loop, options: options)
    let server = HTTPServer(loop: loop, router: Self.router(services), observer: services.metrics) { refusal in
      GatewayError(refusal).response
    }
    do {
      try services.start()
      address = try server.listen(at: options.listen)
    } catch {
      await services.close()
      throw error
    }
    logger.info(
      "the gateway listens",
      [(GatewaySignals.address, "\(address ?? options.listen)"), (GatewaySignals.gateway, options.id.text)])
    started()
    await Latch(loop).waitUntilCancelled()
    let dismissal = loop.schedule(after: GatewayLimits.drainWait) { services.waiting.dismissAll() }
    await server.drain(within: GatewayLimits.drain)
    dismissal.cancel()
    await services.close()
  }

  /// Every route there is.
  static func router(_ services: GatewayServices) -> HTTPRouter {
    HTTPRouter(
      OperationsRoutes(services).routes + FunctionRoutes(services).routes + DeploymentRoutes(services).routes
        + InvokeRoutes(services).routes + InvocationRoutes(services).routes)
  }
}
