internal import CommandTable
internal import EventLoop
internal import FoundationEssentials
internal import HTTPClient

/// Speaks to the gateway for a command, and turns refusals into what a person reads.
package struct GatewayClient: Sendable {
  /// An answer with a status below 400.
  struct Answer: Sendable {
    let status: Int
    let body: [UInt8]
    let header: @Sendable (String) -> String?

    /// The body as JSON.
    func json() throws(CommandFailure) -> JSONValue {
      guard let value = JSONValue(body) else { throw CommandFailure(.refused, "the gateway's answer is not JSON") }
      return value
    }
  }

  private let requester: HTTPRequester
  private let url: String
  private let token: String

  /// Finds the gateway: options of the command, then the environment, then the context.
  ///
  /// - Throws: ``CommandFailure`` where nothing says where it is.
  init(_ command: ParsedCommand, environment: [String: String], loop: EventLoop) throws(CommandFailure) {
    let context = try CommandContext.read(from: environment)
    guard let url = command.value("url") ?? environment["MILLRACE_URL"] ?? context?.url else {
      throw CommandFailure(
        .unreachable,
        "no gateway is known: start one with `millrace up`, or say --url and --token-file, or MILLRACE_URL and MILLRACE_TOKEN"
      )
    }
    var token = environment["MILLRACE_TOKEN"] ?? context?.token ?? ""
    if let file = command.value("token-file") {
      guard let bytes = FileManager.default.contents(atPath: file) else {
        throw PrivateFile.failure("cannot read", file)
      }
      token = String(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace })
    }
    self.url = url.last == "/" ? String(url.dropLast()) : url
    self.token = token
    requester = HTTPRequester(loop: loop)
  }

  /// Gives the connections up. On the loop.
  func close() { requester.close() }

  /// Bytes of an answer that are taken: a result of 6 MiB with room for what is around it.
  private static let answerLimitBytes = 64 << 20

  /// Sends a request to a path of the gateway.
  ///
  /// - Throws: ``CommandFailure``: `unreachable` where there is no answer in time or the gateway says 503, `refused` for
  ///   every other status from 400 on that is not in `accepting`.
  func send(
    _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(60), accepting: Set<Int> = []
  ) async throws(CommandFailure) -> Answer {
    let request = OutgoingRequest(
      method, url + path, headers: [("Authorization", "Bearer \(token)"), ("Accept", "application/json")] + headers,
      body: body, timeout: timeout, responseLimitBytes: Self.answerLimitBytes)
    let response: IncomingResponse
    do throws(HTTPClientError) {
      response = try await requester.send(request)
    } catch {
      throw Self.failure(error, url)
    }
    guard response.status < 400 || accepting.contains(response.status) else { throw Self.failure(response) }
    return Answer(status: response.status, body: response.body, header: { response.header($0) })
  }

  private static func failure(_ error: HTTPClientError, _ url: String) -> CommandFailure {
    switch error.code {
    case .unreachable:
      CommandFailure(
        .unreachable, "the gateway at \(url) cannot be reached; is `millrace up` running? (\(error.message))")
    case .timedOut, .broken: CommandFailure(.unreachable, "the gateway did not answer: \(error.message)")
    default: CommandFailure(.refused, error.message)
    }
  }

  /// The problem that the gateway tells (RFC 9457), in one line; what to do where that is known here.
  static func failure(_ response: IncomingResponse) -> CommandFailure {
    let problem = JSONValue(response.body)
    let title = problem?["title"]?.text ?? "the gateway answered \(response.status)"
    // Their sentences end with a full stop, ours do not.
    let detail = problem?["detail"]?.text.map { ": \($0.last == "." ? String($0.dropLast()) : $0)" } ?? ""
    let advice =
      switch response.status {
      case 401: "; see DATA/admin.token of the running `millrace up`"
      case 429: "; try again later"
      case 504: response.header("Millrace-Invocation-Id").map { "; it goes on: millrace invocations show \($0)" } ?? ""
      default: ""
      }
    return CommandFailure(response.status == 503 ? .unreachable : .refused, "\(title)\(detail)\(advice)")
  }
}
