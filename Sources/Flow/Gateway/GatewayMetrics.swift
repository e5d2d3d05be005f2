internal import HTTPServer
internal import Telemetry

/// The gateway's metrics; counts for the HTTP server too. Confined to the loop, which makes it Sendable.
final class GatewayMetrics: HTTPServerObserver, @unchecked Sendable {
  private struct Series: Hashable {
    let method: HTTPMethod
    let pattern: String
    let status: Int
  }

  private let registry = MetricsRegistry.shared
  private var requests: [Series: Counter] = [:]
  private var refusals: [HTTPRefusal.Code: Counter] = [:]
  private var openConnections = 0
  private let requestSeconds: Histogram
  private let connections: Gauge
  let waitingCalls: Gauge
  let replySeconds: Histogram
  let acknowledgeSeconds: Histogram
  let timeouts: Counter
  let waitingInvocations: Counter
  let asynchronousInvocations: Counter

  init() {
    requestSeconds = registry.histogram(
      GatewaySignals.requestSeconds, help: "From the whole request to its answer.")
    connections = registry.gauge(GatewaySignals.connections, help: "Connections that are open.")
    waitingCalls = registry.gauge(GatewaySignals.waitingCalls, help: "Calls that wait for their outcome.")
    replySeconds = registry.histogram(GatewaySignals.replySeconds, help: "From the request to the outcome on the log.")
    acknowledgeSeconds = registry.histogram(
      GatewaySignals.acknowledgeSeconds, help: "From appending a task to its acknowledgement.")
    timeouts = registry.counter(GatewaySignals.timeouts, help: "Waits that ended without an outcome.")
    let help = "Invocations that were given to the log."
    waitingInvocations = registry.counter(GatewaySignals.invocations, help: help, labels: [("mode", "waiting")])
    asynchronousInvocations = registry.counter(GatewaySignals.invocations, help: help, labels: [("mode", "async")])
  }

  func connectionOpened() {
    openConnections += 1
    connections.set(openConnections)
  }

  func connectionClosed() {
    openConnections -= 1
    connections.set(openConnections)
  }

  func answered(
    _ method: HTTPMethod, pattern: String, status: Int, requestBytes: Int, responseBytes: Int, after: Duration
  ) {
    let series = Series(method: method, pattern: pattern, status: status)
    let counter =
      requests[series]
      ?? registry.counter(
        GatewaySignals.requests, help: "Requests that were answered.",
        labels: [("method", method.rawValue), ("route", pattern), ("status", String(status))])
    requests[series] = counter
    counter.increment()
    requestSeconds.record(after)
  }

  func refused(_ code: HTTPRefusal.Code) {
    let counter =
      refusals[code]
      ?? registry.counter(
        GatewaySignals.refusals, help: "Requests that were refused before a route saw them.",
        labels: [("code", code.name)])
    refusals[code] = counter
    counter.increment()
  }
}
