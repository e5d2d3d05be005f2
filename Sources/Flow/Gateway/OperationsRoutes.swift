internal import CatalogueView
internal import EventLog
internal import HTTPServer
internal import LogContracts
internal import LogRecords
internal import Postgres
internal import Telemetry

/// What operators and their tools ask, without a token: whether it lives, whether it serves, its metrics, its description.
final class OperationsRoutes: Sendable {
  private let services: GatewayServices
  init(_ services: GatewayServices) { self.services = services }

  var routes: [HTTPRoute] {
    [
      HTTPRoute(.get, "/healthz", bodyLimitBytes: 0) { $0.respond(.text("alive\n")) },
      HTTPRoute(.get, "/readyz", bodyLimitBytes: 0, task: { [self] _ in await ready() }),
      HTTPRoute(.get, "/metrics", bodyLimitBytes: 0) { exchange in
        exchange.respond(
          HTTPResponse(
            status: 200, fields: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: Array(MetricsRegistry.shared.prometheusText().utf8)))
      },
      HTTPRoute(.get, "/openapi.json", bodyLimitBytes: 0) { $0.respond(.json(PackageResources.openapi_json)) },
    ]
  }

  /// What an invocation needs, each with whether it is there.
  private struct Readiness: Encodable {
    let ready: Bool
    let catalogue: Bool
    let replies: Bool
    let log: Bool
    let database: Bool
    let executor: Bool
  }

  /// 200 only when an invocation would run, and be recorded.
  private func ready() async -> HTTPResponse {
    async let log = logAnswers()
    async let database = databaseAnswers()
    let (hasLog, hasDatabase) = (await log, await database)
    let (catalogue, replies) = (services.view.isCaughtUp, services.replies.isInPlace)
    let executor = services.executors.runEverything
    let isReady = catalogue && replies && hasLog && hasDatabase && executor
    let readiness = Readiness(
      ready: isReady, catalogue: catalogue, replies: replies, log: hasLog, database: hasDatabase, executor: executor)
    return WireJSON.response(readiness, status: isReady ? 200 : 503)
  }

  private func logAnswers() async -> Bool {
    let partition = TopicPartition(TopicDeclaration.tasks.name, 0)
    return await Deadline.run(on: services.loop, within: GatewayLimits.probe) { [services] in
      try await services.admin.endOffsets([partition])
    } != nil
  }

  private func databaseAnswers() async -> Bool {
    await Deadline.run(on: services.loop, within: GatewayLimits.probe) { [services] in
      // The recorder makes the tables: until it has, nothing can be looked up.
      try await services.pool.query("SELECT to_regclass('millrace.invocations') IS NOT NULL AS present")
        .first?.value("present", as: Bool.self) ?? false
    } ?? false
  }
}
