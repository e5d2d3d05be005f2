/// Why a request was refused before a handler has seen it. The server turns it into a response by its `refusal` closure.
package struct HTTPRefusal: Error, Sendable, Equatable {
  /// The kinds of refusal, each with its status.
  package struct Code: Hashable, Sendable {
    /// A stable name in snake case.
    package let name: String
    /// The status to answer.
    package let status: Int

    /// The request is not HTTP/1.1 as RFC 9112 has it, or as strictly as this server has it.
    package static let badRequest = Code(name: "bad_request", status: 400)
    /// No route has this path.
    package static let notFound = Code(name: "not_found", status: 404)
    /// The path exists, the method does not; ``HTTPRefusal/allowed`` names those that do.
    package static let methodNotAllowed = Code(name: "method_not_allowed", status: 405)
    /// The client was too slow.
    package static let timeout = Code(name: "request_timeout", status: 408)
    /// The body is over the route's limit.
    package static let contentTooLarge = Code(name: "content_too_large", status: 413)
    /// The request line is over its limit.
    package static let uriTooLong = Code(name: "uri_too_long", status: 414)
    /// An expectation other than `100-continue`.
    package static let expectationFailed = Code(name: "expectation_failed", status: 417)
    /// The head is over its limit of bytes or fields.
    package static let headTooLarge = Code(name: "head_too_large", status: 431)
    /// A transfer coding other than `chunked`.
    package static let notImplemented = Code(name: "not_implemented", status: 501)
    /// The server holds as much as it may. Retry later.
    package static let overloaded = Code(name: "overloaded", status: 503)
    /// A version of HTTP other than 1.0 and 1.1.
    package static let versionNotSupported = Code(name: "version_not_supported", status: 505)
  }

  /// What kind of refusal it is.
  package let code: Code
  /// One sentence for the client.
  package let detail: String
  /// The methods that the path has, with `methodNotAllowed`.
  package let allowed: [HTTPMethod]

  init(_ code: Code, _ detail: String, allowed: [HTTPMethod] = []) {
    self.code = code
    self.detail = detail
    self.allowed = allowed
  }

  static func bad(_ detail: String) -> HTTPRefusal { HTTPRefusal(.badRequest, detail) }
}
