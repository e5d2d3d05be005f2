internal import Catalogue
internal import CatalogueView
internal import CodeStore
internal import EventLog
internal import HTTPServer
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Telemetry

/// `PUT /v1/functions/{name}` and `GET /v1/deployments/{id}`.
final class DeploymentRoutes: Sendable {
  private let services: GatewayServices
  init(_ services: GatewayServices) { self.services = services }

  var routes: [HTTPRoute] {
    [
      services.route(.put, "/v1/functions/{name}", bodyLimitBytes: GatewayLimits.deploymentBytes) {
        [self] exchange, token throws(GatewayError) in try await deploy(exchange, token)
      },
      services.route(.get, "/v1/deployments/{id}") { [self] exchange, token throws(GatewayError) in
        try show(exchange, token)
      },
    ]
  }

  /// Code first, then the deployment, then the submission: whatever fails on the way leaves nothing that claims more than
  /// is there.
  private func deploy(_ exchange: HTTPExchange, _ token: CatalogueToken) async throws(GatewayError) -> HTTPResponse {
    let name: FunctionName
    do throws(DomainError) { name = try FunctionName(exchange.parameter("name")) } catch {
      throw GatewayError(.invalidDeployment, error.message)
    }
    let form = try DeploymentForm(contentType: exchange.header("content-type"), body: exchange.body)
    let upload = try await store(form.code)
    let id = DeploymentID(at: services.currentTime(), using: &services.random)
    let outcome = try await services.perform(
      .registerDeployment(id: id, namespace: token.namespace, function: name))
    guard case .deployment(let deployment) = outcome else {
      throw GatewayError(.controllerUnavailable, "The controller's answer is about something else.")
    }
    let submission = SubmissionRecord(
      deployment: id, namespace: token.namespace, function: name, configuration: form.configuration,
      archive: form.archive, upload: upload, token: token.id, submittedAt: services.currentTime())
    try await submit(submission, services.context(exchange))
    return WireJSON.response(
      DeploymentAnswer(deployment), status: 202, fields: [("Location", "/v1/deployments/\(id)")])
  }

  private func store(_ code: [UInt8]) async throws(GatewayError) -> CodeReference {
    do throws(CodeStoreError) { return try await services.store.store(code) } catch {
      if error.code == .tooLarge { throw GatewayError(.contentTooLarge, "The code: \(error.message).") }
      services.logger.warning("code was not stored", [(GatewaySignals.reason, error.description)])
      throw GatewayError(.logUnavailable, "The log has not taken the code; try again.")
    }
  }

  private func submit(_ submission: SubmissionRecord, _ context: RecordContext) async throws(GatewayError) {
    do { _ = try await services.producer.send(submission.encoded(context: context)) } catch {
      services.logger.warning("a submission was not acknowledged", [(GatewaySignals.reason, "\(error)")])
      let reason = "the submission was not acknowledged by the log; deploy again"
      _ = try? await services.perform(.failDeployment(deployment: submission.deployment, reason: reason))
      throw GatewayError(.logUnavailable, "The log has not taken the submission; try again.")
    }
  }

  private func show(_ exchange: HTTPExchange, _ token: CatalogueToken) throws(GatewayError) -> HTTPResponse {
    let text = exchange.parameter("id")
    guard let id = DeploymentID(text), let deployment = services.view.tables.deployment(id),
      deployment.namespace == token.namespace
    else { throw GatewayError(.deploymentNotFound, "There is no deployment \(text.prefix(80)).") }
    return WireJSON.response(DeploymentAnswer(deployment))
  }
}
