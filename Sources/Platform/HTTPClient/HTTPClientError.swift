internal import CCurl

/// Why there is no answer.
package struct HTTPClientError: Error, CustomStringConvertible, Equatable {
  /// What kind of failure it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// No connection could be made: nothing of the request was sent. Retry.
    package static let unreachable = Code(name: "unreachable")
    /// The answer did not come in time; the request may have been carried out.
    package static let timedOut = Code(name: "timedOut")
    /// The connection broke before the answer was whole; the request may have been carried out.
    package static let broken = Code(name: "broken")
    /// The answer is larger than allowed.
    package static let tooLarge = Code(name: "tooLarge")
    /// The request cannot be sent as it is: its address or a header field is malformed.
    package static let badRequest = Code(name: "badRequest")
    /// What came back is not HTTP.
    package static let badResponse = Code(name: "badResponse")
    /// The task was cancelled, or the requester was closed.
    package static let cancelled = Code(name: "cancelled")
  }

  /// What kind of failure it was.
  package let code: Code
  /// What happened, without a full stop.
  package let message: String

  package var description: String { message }

  /// Whether the same request may be sent again without asking what became of the first.
  package var isRetriable: Bool { code == .unreachable }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ result: CURLcode, _ address: String) {
    let reason = unsafe String(cString: curl_easy_strerror(result))
    switch result {
    case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      self.init(.unreachable, "\(address) cannot be reached: \(reason)")
    case CURLE_OPERATION_TIMEDOUT: self.init(.timedOut, "\(address) did not answer in time")
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT:
      self.init(.badRequest, "\(address) is not an address: \(reason)")
    // The scheme was checked before: what is left is an answer that is not HTTP/1.
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL:
      self.init(.badResponse, "\(address): \(reason)")
    default: self.init(.broken, "\(address): \(reason)")
    }
  }
}
