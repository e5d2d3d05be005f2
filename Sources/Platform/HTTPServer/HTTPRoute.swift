/// A method and a path, how large a body it takes, and what answers it.
package struct HTTPRoute {
  enum Handler {
    case call((HTTPExchange) -> Void)
    case task(@Sendable (HTTPExchange) async -> HTTPResponse)
  }

  /// The method. A GET route serves HEAD too.
  package let method: HTTPMethod
  /// The path's pattern: segments after `/`, a segment in braces being a parameter: `/v1/functions/{name}`.
  package let pattern: String
  /// The most bytes a body may have; beyond: 413, before the body is sent where the client asks or says its length.
  package let bodyLimitBytes: Int
  let handler: Handler
  /// See ``admitting(aboveBytes:_:)``.
  private(set) var admission: (aboveBytes: Int, check: (HTTPExchange) -> HTTPResponse?)?
  let parameterNames: [String]

  /// A route answered by a call on the loop, which responds now or later: the hot form, with no task.
  package init(
    _ method: HTTPMethod, _ pattern: String, bodyLimitBytes: Int, handler: @escaping (HTTPExchange) -> Void
  ) {
    self.init(method, pattern, bodyLimitBytes, .call(handler))
  }

  /// A route answered by a task on the loop, which returns the response. The task is cancelled when the client leaves; its
  /// response goes nowhere then.
  package init(
    _ method: HTTPMethod, _ pattern: String, bodyLimitBytes: Int,
    task: @escaping @Sendable (HTTPExchange) async -> HTTPResponse
  ) {
    self.init(method, pattern, bodyLimitBytes, .task(task))
  }

  private init(_ method: HTTPMethod, _ pattern: String, _ bodyLimitBytes: Int, _ handler: Handler) {
    precondition(pattern.hasPrefix("/") && bodyLimitBytes >= 0)
    self.method = method
    self.pattern = pattern
    self.bodyLimitBytes = bodyLimitBytes
    self.handler = handler
    parameterNames = Self.segments(of: pattern).compactMap(Self.parameterName)
  }

  /// The route with a check before the body is read, where that is longer than `aboveBytes` or of no said length: what it
  /// answers is the response, and ends the connection; nil goes on. The exchange has no body then, and is not to be kept.
  package func admitting(aboveBytes: Int = 0, _ check: @escaping (HTTPExchange) -> HTTPResponse?) -> HTTPRoute {
    var route = self
    route.admission = (aboveBytes, check)
    return route
  }

  static func segments(of pattern: String) -> [Substring] {
    pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
  }

  /// The parameter's name where the segment is one.
  static func parameterName(_ segment: Substring) -> String? {
    segment.hasPrefix("{") && segment.hasSuffix("}") ? String(segment.dropFirst().dropLast()) : nil
  }
}
