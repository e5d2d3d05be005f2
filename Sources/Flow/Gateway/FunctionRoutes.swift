internal import Catalogue
internal import CatalogueView
internal import ControlWire
internal import ControllerClient
internal import HTTPServer
internal import MillraceDomain
internal import Telemetry

/// `/v1/functions`, but for deploying and invoking: answers from the view, and deletions by the controller.
final class FunctionRoutes: Sendable {
  private let services: GatewayServices
  init(_ services: GatewayServices) { self.services = services }

  private struct FunctionList: Encodable { let functions: [FunctionAnswer] }
  private struct VersionList: Encodable { let versions: [VersionAnswer] }

  var routes: [HTTPRoute] {
    [
      services.route(.get, "/v1/functions") { [self] _, token throws(GatewayError) in list(token) },
      services.route(.get, "/v1/functions/{name}") { [self] exchange, token throws(GatewayError) in
        try show(exchange, token)
      },
      services.route(.get, "/v1/functions/{name}/versions") { [self] exchange, token throws(GatewayError) in
        try versions(exchange, token)
      },
      services.route(.delete, "/v1/functions/{name}") { [self] exchange, token throws(GatewayError) in
        try await delete(exchange, token)
      },
    ]
  }

  private func list(_ token: CatalogueToken) -> HTTPResponse {
    let tables = services.view.tables
    let functions = tables.functions(in: token.namespace).map { function in
      FunctionAnswer(function, tables.latestVersion(of: function.name, in: function.namespace))
    }
    return WireJSON.response(FunctionList(functions: functions))
  }

  private func function(
    _ exchange: HTTPExchange, _ token: CatalogueToken
  ) throws(GatewayError) -> CatalogueFunction {
    let name = try GatewayServices.functionName(exchange)
    guard let function = services.view.tables.function(name, in: token.namespace) else {
      throw GatewayError(.functionNotFound, "There is no function \(name).")
    }
    return function
  }

  private func show(_ exchange: HTTPExchange, _ token: CatalogueToken) throws(GatewayError) -> HTTPResponse {
    let function = try function(exchange, token)
    let latest = services.view.tables.latestVersion(of: function.name, in: function.namespace)
    return WireJSON.response(FunctionAnswer(function, latest))
  }

  private func versions(_ exchange: HTTPExchange, _ token: CatalogueToken) throws(GatewayError) -> HTTPResponse {
    let function = try function(exchange, token)
    let versions = services.view.tables.versions(of: function.name, in: function.namespace)
    return WireJSON.response(VersionList(versions: versions.map(VersionAnswer.init)))
  }

  private func delete(_ exchange: HTTPExchange, _ token: CatalogueToken) async throws(GatewayError) -> HTTPResponse {
    let name = try GatewayServices.functionName(exchange)
    _ = try await services.perform(.deleteFunction(namespace: token.namespace, function: name))
    return HTTPResponse(status: 204)
  }
}

extension GatewayServices {
  /// Has the controller do something, and waits until this gateway's view shows it.
  ///
  /// - Throws: `controllerUnavailable`, or what the catalogue's rejection is to a client.
  func perform(_ action: CatalogueCommand.Action) async throws(GatewayError) -> CatalogueOutcome {
    let response: ControlResponse
    do throws(ControllerClientError) { response = try await controller.perform(action) } catch {
      logger.warning("the controller did not answer", [(GatewaySignals.reason, error.description)])
      throw GatewayError(.controllerUnavailable, "The controller does not answer; try again.")
    }
    switch response.answer {
    case .accepted(let outcome):
      _ = await view.waitUntilApplied(response.index, within: GatewayLimits.viewWait)
      return outcome
    case .rejected(let rejection): throw Self.refusal(rejection)
    }
  }

  /// A rejection of the catalogue as a problem.
  static func refusal(_ rejection: CatalogueRejection) -> GatewayError {
    switch rejection.code {
    case .unknownFunction: GatewayError(.functionNotFound, rejection.message)
    case .unknownDeployment: GatewayError(.deploymentNotFound, rejection.message)
    case .unknownNamespace: GatewayError(.forbidden, rejection.message)
    case .badValue: GatewayError(.invalidDeployment, rejection.message)
    // The codes are an open set; what is left contradicts what the catalogue has.
    default: GatewayError(.conflict, rejection.message)
    }
  }
}
