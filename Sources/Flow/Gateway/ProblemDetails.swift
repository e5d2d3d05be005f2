package import HTTPServer
internal import MillraceDomain

/// A problem as RFC 9457 writes it.
struct ProblemDetails: Encodable {
  static let typePrefix = "https://millrace.dev/errors/"

  let type: String
  let title: String
  let status: Int
  let detail: String
  let code: String
  let invocationId: String?
  let state: String?

  init(_ error: GatewayError) {
    type = Self.typePrefix + error.code.name
    title = error.code.title
    status = error.code.status
    detail = error.detail
    code = error.code.name
    invocationId = error.invocation?.description
    state = error.state
  }
}

extension GatewayError {
  /// The answer that tells the problem.
  package var response: HTTPResponse {
    var fields = [(name: "Content-Type", value: "application/problem+json")]
    if let invocation { fields.append((InvocationHeader.id, invocation.description)) }
    if let retryAfterSeconds { fields.append(("Retry-After", String(retryAfterSeconds))) }
    if code == .unauthorized { fields.append(("WWW-Authenticate", "Bearer realm=\"millrace\"")) }
    return HTTPResponse(
      status: code.status, fields: fields + self.fields, body: WireJSON.encode(ProblemDetails(self)))
  }
}
