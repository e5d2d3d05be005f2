package import HTTPServer
package import MillraceDomain

/// Why the gateway refuses a request: one problem of RFC 9457. Each code has a page in `docs/errors/`.
package struct GatewayError: Error, Sendable, CustomStringConvertible {
  /// A kind of problem, with its status and title.
  package struct Code: Hashable, Sendable {
    /// The last part of the problem's type, and the name of its page.
    package let name: String
    /// The status that answers it.
    package let status: Int
    /// What it is, in a few words; the same for every case.
    package let title: String
  }

  /// What kind of problem.
  package let code: Code
  /// What is wrong in this case and what would be right; safe to show a customer.
  package let detail: String
  /// The invocation it is about, where there is one.
  package var invocation: InvocationID?
  /// The state of what it is about, where that is the problem.
  package var state: String?
  /// After how many seconds the client may try again, where that can help.
  package var retryAfterSeconds: Int?
  /// Further fields of the answer.
  package var fields: [(name: String, value: String)] = []

  /// A problem of a code.
  package init(
    _ code: Code, _ detail: String, invocation: InvocationID? = nil, state: String? = nil, retryAfterSeconds: Int? = nil
  ) {
    self.code = code
    self.detail = detail
    self.invocation = invocation
    self.state = state
    self.retryAfterSeconds = retryAfterSeconds ?? (code.status == 503 || code.status == 429 ? 1 : nil)
  }

  /// What the server refuses before a route sees it.
  package init(_ refusal: HTTPRefusal) {
    self.init(Code.of(refusal.code), refusal.detail)
  }

  /// Whether the same request may succeed later.
  package var isRetriable: Bool { retryAfterSeconds != nil }
  package var description: String { "\(code.name): \(detail)" }
}

extension GatewayError.Code {
  package static let badRequest = Self(name: "bad_request", status: 400, title: "The request is malformed")
  package static let unauthorized = Self(name: "unauthorized", status: 401, title: "A valid API token is needed")
  package static let forbidden = Self(name: "forbidden", status: 403, title: "The token may not do this")
  package static let notFound = Self(name: "not_found", status: 404, title: "Nothing is at this path")
  package static let functionNotFound = Self(
    name: "function_not_found", status: 404, title: "There is no such function")
  package static let deploymentNotFound = Self(
    name: "deployment_not_found", status: 404, title: "There is no such deployment")
  package static let invocationNotFound = Self(
    name: "invocation_not_found", status: 404, title: "There is no such invocation")
  package static let methodNotAllowed = Self(
    name: "method_not_allowed", status: 405, title: "The path does not have this method")
  package static let requestTimeout = Self(name: "request_timeout", status: 408, title: "The request was too slow")
  package static let conflict = Self(name: "conflict", status: 409, title: "The state does not allow this")
  package static let noResultYet = Self(name: "no_result_yet", status: 409, title: "There is no result yet")
  package static let notRun = Self(name: "not_run", status: 409, title: "The invocation was not run")
  package static let contentTooLarge = Self(name: "content_too_large", status: 413, title: "The body is too large")
  package static let uriTooLong = Self(name: "uri_too_long", status: 414, title: "The request line is too long")
  package static let unsupportedMediaType = Self(
    name: "unsupported_media_type", status: 415, title: "This type of content is not taken here")
  package static let expectationFailed = Self(
    name: "expectation_failed", status: 417, title: "The expectation cannot be met")
  package static let invalidDeployment = Self(
    name: "invalid_deployment", status: 422, title: "The function cannot be deployed as it is described")
  package static let invalidQuery = Self(name: "invalid_query", status: 422, title: "A parameter has no such value")
  package static let tooManyWaiting = Self(name: "too_many_waiting", status: 429, title: "Too many calls are waiting")
  package static let headTooLarge = Self(
    name: "head_too_large", status: 431, title: "The request's head is too large")
  package static let notImplemented = Self(name: "not_implemented", status: 501, title: "This is not spoken here")
  package static let overloaded = Self(name: "overloaded", status: 503, title: "The gateway is at its limits")
  package static let starting = Self(name: "starting", status: 503, title: "The gateway is not ready yet")
  package static let logUnavailable = Self(name: "log_unavailable", status: 503, title: "The log is away")
  package static let databaseUnavailable = Self(
    name: "database_unavailable", status: 503, title: "The database is away")
  package static let controllerUnavailable = Self(
    name: "controller_unavailable", status: 503, title: "The controller is away")
  package static let recorderBehind = Self(
    name: "recorder_behind", status: 503, title: "The recorder has not come this far yet")
  package static let waitTimedOut = Self(name: "wait_timed_out", status: 504, title: "The outcome did not come in time")
  package static let versionNotSupported = Self(
    name: "version_not_supported", status: 505, title: "This version of HTTP is not spoken here")

  /// Every code there is.
  package static let all: [Self] = [
    .badRequest, .unauthorized, .forbidden, .notFound, .functionNotFound, .deploymentNotFound, .invocationNotFound,
    .methodNotAllowed, .requestTimeout, .conflict, .noResultYet, .notRun, .contentTooLarge, .uriTooLong,
    .unsupportedMediaType, .expectationFailed, .invalidDeployment, .invalidQuery, .tooManyWaiting, .headTooLarge,
    .notImplemented, .overloaded, .starting, .logUnavailable, .databaseUnavailable, .controllerUnavailable,
    .recorderBehind, .waitTimedOut, .versionNotSupported,
  ]

  /// The code of the same name as the server's.
  static func of(_ code: HTTPRefusal.Code) -> Self { all.first { $0.name == code.name } ?? .badRequest }
}
