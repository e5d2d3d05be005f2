package import Catalogue
package import ControlWire
package import EventLoop
internal import HTTPClient
internal import MillraceDomain

/// Sends commands to the controller. Every command may be repeated, so that what fails on the way is sent again until the
/// client's patience ends. Confined to its loop, which makes it Sendable.
package final class ControllerClient: @unchecked Sendable {
  /// Where the controller is.
  package enum Address: Hashable, Sendable {
    /// A Unix socket by its path.
    case unix(path: String)
    /// A host and port.
    case tcp(host: String, port: UInt16)
  }

  private let loop: EventLoop
  private let requester: HTTPRequester
  private let base: String
  private let socketPath: String?
  private let headers: [(name: String, value: String)]
  private let patience: Duration

  /// A client; nothing is connected yet. On the loop.
  ///
  /// - Parameter patience: how long a command is tried before it fails with `unreachable`.
  package init(
    loop: EventLoop, address: Address, clusterToken: String?,
    patience: Duration = ControllerClientLimits.patience
  ) {
    self.loop = loop
    self.patience = patience
    requester = HTTPRequester(loop: loop)
    switch address {
    case .unix(let path):
      (base, socketPath) = ("http://controller", path)
    case .tcp(let host, let port):
      (base, socketPath) = ("http://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)", nil)
    }
    var headers = [(name: "Content-Type", value: ControlProtocol.contentType)]
    if let clusterToken {
      headers.append((name: "Authorization", value: ControlProtocol.authorization(clusterToken: clusterToken)))
    }
    self.headers = headers
  }

  /// Commits a command and returns what it came to: durable, accepted or rejected.
  package func perform(_ action: CatalogueCommand.Action) async throws(ControllerClientError) -> ControlResponse {
    let body = ControlProtocol.encode(ControlRequest(action))
    let deadline = LoopInstant.current() + patience
    var wait = ControllerClientLimits.firstWait
    var earlier = EarlierAttempts.none
    while true {
      switch try await attempt("POST", ControlProtocol.commandsPath, body) {
      case .answered(let response):
        return ControllerClient.settled(try ControllerClient.decoded(ControlResponse.self, response), action, earlier)
      case .failed(let reason, let attempts):
        if attempts == .mayHaveDoneIt { earlier = .mayHaveDoneIt }
        guard LoopInstant.current() + wait < deadline else { throw ControllerClientError(.unreachable, reason) }
      }
      do { try await loop.sleep(for: wait) } catch {
        throw ControllerClientError(.cancelled, "the command was given up")
      }
      wait = min(wait * 2, ControllerClientLimits.longestWait)
    }
  }

  /// Where the controller is; one attempt.
  package func status() async throws(ControllerClientError) -> ControlStatus {
    switch try await attempt("GET", ControlProtocol.statusPath, []) {
    case .answered(let response): return try ControllerClient.decoded(ControlStatus.self, response)
    case .failed(let reason, _): throw ControllerClientError(.unreachable, reason)
    }
  }

  /// Gives up what is under way and closes the connections. On the loop.
  package func close() { requester.close() }

  // MARK: attempts

  private enum EarlierAttempts { case none, mayHaveDoneIt }

  private enum Attempt {
    case answered(IncomingResponse)
    case failed(reason: String, EarlierAttempts)
  }

  private func attempt(
    _ method: String, _ path: String, _ body: [UInt8]
  ) async throws(ControllerClientError) -> Attempt {
    let request = OutgoingRequest(
      method, base + path, headers: headers, body: body, timeout: ControllerClientLimits.attemptTimeout,
      responseLimitBytes: ControllerClientLimits.responseByteCount, socketPath: socketPath)
    let response: IncomingResponse
    do throws(HTTPClientError) { response = try await requester.send(request) } catch {
      switch error.code {
      case .unreachable: return .failed(reason: error.message, .none)
      case .timedOut, .broken: return .failed(reason: error.message, .mayHaveDoneIt)
      case .cancelled: throw ControllerClientError(.cancelled, error.message)
      // The codes are an open set; what is left cannot be mended by trying again.
      default: throw ControllerClientError(.badAnswer, error.message)
      }
    }
    switch response.status {
    case 200: return .answered(response)
    case 503: return .failed(reason: ControllerClient.problem(response), .none)
    // The controller's disk may or may not have it.
    case 500: return .failed(reason: ControllerClient.problem(response), .mayHaveDoneIt)
    case 401, 403: throw ControllerClientError(.forbidden, ControllerClient.problem(response))
    default: throw ControllerClientError(.badAnswer, "status \(response.status): \(ControllerClient.problem(response))")
    }
  }

  /// A deletion that an earlier attempt may have done finds nothing to delete: it is done.
  private static func settled(
    _ response: ControlResponse, _ action: CatalogueCommand.Action, _ earlier: EarlierAttempts
  ) -> ControlResponse {
    guard earlier == .mayHaveDoneIt, case .deleteFunction(let namespace, let function) = action,
      case .rejected(let rejection) = response.answer, rejection.code == .unknownFunction
    else { return response }
    return ControlResponse(
      index: response.index, answer: .accepted(.functionDeleted(namespace: namespace, function: function)))
  }

  private static func decoded<Message: Decodable>(
    _ type: Message.Type, _ response: IncomingResponse
  ) throws(ControllerClientError) -> Message {
    do { return try ControlProtocol.decode(type, response.body) } catch {
      throw ControllerClientError(.badAnswer, "the controller's answer cannot be read: \(error)")
    }
  }

  private static func problem(_ response: IncomingResponse) -> String {
    let problem = try? ControlProtocol.decode(ControlProblem.self, response.body)
    return problem?.message ?? "the controller answered with status \(response.status)"
  }
}
