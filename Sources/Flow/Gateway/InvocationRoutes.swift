internal import HTTPServer
internal import LogContracts
internal import MillraceDomain

/// `/v1/invocations`: what became of what was accepted, from PostgreSQL.
final class InvocationRoutes: Sendable {
  private let services: GatewayServices
  private let queries: InvocationQueries
  private let recorder: RecorderProgress

  init(_ services: GatewayServices) {
    self.services = services
    queries = InvocationQueries(services)
    recorder = RecorderProgress(services)
  }

  var routes: [HTTPRoute] {
    [
      services.route(.get, "/v1/invocations") { [self] exchange, token throws(GatewayError) in
        try await list(exchange, token)
      },
      services.route(.get, "/v1/invocations/{id}") { [self] exchange, token throws(GatewayError) in
        let found = try await find(exchange, token, result: .leftOut)
        return WireJSON.response(InvocationAnswer(found.invocation, timeline: found.timeline))
      },
      services.route(.get, "/v1/invocations/{id}/result") { [self] exchange, token throws(GatewayError) in
        try await result(exchange, token)
      },
      services.route(.get, "/v1/invocations/{id}/logs") { [self] exchange, token throws(GatewayError) in
        try await logs(exchange, token)
      },
    ]
  }

  private func list(_ exchange: HTTPExchange, _ token: CatalogueToken) async throws(GatewayError) -> HTTPResponse {
    let filter = try InvocationListQuery.filter { exchange.query($0) }
    let rows = try await queries.list(filter, in: token.namespace)
    let page = InvocationPage(
      invocations: rows.map { InvocationAnswer($0) },
      cursor: rows.count == filter.count ? rows.last?.id.description : nil)
    return WireJSON.response(page)
  }

  /// Finds an invocation. What is not recorded yet, or not to its end, is looked for again once the recorder has come as far
  /// as the log went when it was asked for.
  private func find(
    _ exchange: HTTPExchange, _ token: CatalogueToken, result: InvocationQueries.ResultBytes
  ) async throws(GatewayError) -> InvocationQueries.Whole {
    let text = exchange.parameter("id")
    guard let id = InvocationID(text) else { throw notFound(text) }
    let found = try await queries.find(id, in: token.namespace, result: result)
    if let found, found.invocation.status.isTerminal { return found }
    let limit = found == nil ? GatewayLimits.recorderWait : GatewayLimits.freshnessWait
    let isCaughtUp = try await recorder.catchUp([.tasks, .results], within: limit)
    if let again = try await queries.find(id, in: token.namespace, result: result) ?? found { return again }
    guard isCaughtUp else {
      throw GatewayError(
        .recorderBehind, "The recorder has not come far enough to say whether the invocation exists; try again.",
        invocation: id)
    }
    throw notFound(text)
  }

  private func notFound(_ id: String) -> GatewayError {
    GatewayError(.invocationNotFound, "There is no invocation \(id.prefix(80)).")
  }

  private func result(_ exchange: HTTPExchange, _ token: CatalogueToken) async throws(GatewayError) -> HTTPResponse {
    let found = try await find(exchange, token, result: .included)
    let row = found.invocation
    return OutcomeAnswer.response(
      row.id, row.status, version: row.version.flatMap { try? VersionNumber($0) }, errorType: row.errorType,
      errorMessage: row.errorMessage, payload: found.result ?? [])
  }

  private func logs(_ exchange: HTTPExchange, _ token: CatalogueToken) async throws(GatewayError) -> HTTPResponse {
    let found = try await find(exchange, token, result: .leftOut)
    _ = try await recorder.catchUp([.logs], within: GatewayLimits.freshnessWait)
    let output = try await queries.output(found.invocation.id)
    // Whoever asks for text gets the bytes as the function wrote them.
    if exchange.header("accept").map({ HeaderParameters($0).value }) == "text/plain" {
      return HTTPResponse(
        status: 200, fields: [("Content-Type", "text/plain; charset=utf-8")], body: output.flatMap(\.text))
    }
    return WireJSON.response(OutputAnswer(output))
  }
}
