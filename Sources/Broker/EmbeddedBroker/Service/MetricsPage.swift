internal import EventLoop
internal import HTTPServer
internal import Streams
internal import Telemetry

/// `/metrics` in Prometheus' form, and `/healthz`, on an address of their own. Confined to its loop, which makes it Sendable.
final class MetricsPage: @unchecked Sendable {
  private let server: HTTPServer

  /// - Parameter measure: brings up to date what nobody counts while it happens.
  /// - Throws: `StreamError` where the address cannot be had.
  init(
    _ address: StreamAddress, on loop: EventLoop, measure: @escaping @Sendable () async -> Void
  ) throws(StreamError) {
    let router = HTTPRouter([
      HTTPRoute(.get, "/metrics", bodyLimitBytes: 0) { exchange in
        loop.spawn {
          await measure()
          exchange.respond(
            HTTPResponse(
              status: 200, fields: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
              body: Array(MetricsRegistry.shared.prometheusText().utf8)))
        }
      },
      HTTPRoute(.get, "/healthz", bodyLimitBytes: 0) { exchange in
        exchange.respond(HTTPResponse(status: 200, body: Array("ok\n".utf8)))
      },
    ])
    server = HTTPServer(loop: loop, router: router)
    try server.listen(at: address)
  }

  func close() async { await server.drain(within: .seconds(1)) }
}
