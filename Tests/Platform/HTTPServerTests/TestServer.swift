import EventLoop
import Glibc
import HTTPServer
import Streams
import Synchronization

/// A real server on a loop of its own, with routes that show what they were given.
final class TestServer: Sendable {
  static let bodyLimitBytes = 3000

  let loop: EventLoop
  let server: HTTPServer
  let address: StreamAddress
  let log: ServerLog

  init(at address: StreamAddress = .tcp(host: "127.0.0.1", port: 0), limits: HTTPLimits = HTTPLimits()) async throws {
    let loop = try LoopThread.startLoop(name: "http")
    let log = ServerLog()
    self.loop = loop
    self.log = log
    (server, self.address) = try await loop.call {
      let server = HTTPServer(
        loop: loop, router: HTTPRouter(Self.routes(loop, log)), limits: limits, observer: log)
      return (server, try server.listen(at: address))
    }
  }

  deinit {
    let (loop, server) = (loop, server)
    loop.execute {
      server.close()
      loop.stop()
    }
  }

  func client() -> RawClient { RawClient(address) }

  /// Asks again until the condition holds on the loop.
  func eventually(_ condition: @escaping @Sendable (TestServer) -> Bool) async throws -> Bool {
    for _ in 0..<100_000 where try await loop.call({ condition(self) }) { return true }
    return false
  }

  private static func routes(_ loop: EventLoop, _ log: ServerLog) -> [HTTPRoute] {
    [
      HTTPRoute(.get, "/hello", bodyLimitBytes: 0) { $0.respond(.text("hello")) },
      HTTPRoute(.post, "/echo", bodyLimitBytes: bodyLimitBytes) {
        $0.respond(HTTPResponse(status: 200, body: $0.body))
      },
      HTTPRoute(.post, "/guarded", bodyLimitBytes: bodyLimitBytes) { exchange in
        let taken = exchange.takeBody()
        exchange.respond(.text("\(taken.count) \(exchange.body.count)"))
      }.admitting(aboveBytes: 10) { exchange in
        exchange.header("x-pass") == nil ? .text("no pass", status: 401) : nil
      },
      HTTPRoute(.get, "/things/{id}", bodyLimitBytes: 0) { exchange in
        exchange.respond(.text("\(exchange.rawPath)|\(exchange.parameter("id"))|\(exchange.query("q") ?? "-")"))
      },
      HTTPRoute(.put, "/things/{id}", bodyLimitBytes: 0) { $0.respond(HTTPResponse(status: 204)) },
      HTTPRoute(.get, "/things/fixed", bodyLimitBytes: 0) { $0.respond(.text("fixed")) },
      HTTPRoute(.get, "/header", bodyLimitBytes: 0) { $0.respond(.text($0.header("x-test") ?? "-")) },
      HTTPRoute(.get, "/split", bodyLimitBytes: 0) {
        $0.respond(HTTPResponse(status: 200, fields: [("X-Value", "a\r\nX-Evil: b")]))
      },
      HTTPRoute(.get, "/large", bodyLimitBytes: 0) { exchange in
        exchange.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 65, count: 4 << 20)))
      },
      HTTPRoute(
        .post, "/later", bodyLimitBytes: bodyLimitBytes,
        task: { exchange in
          try? await loop.sleep(for: .milliseconds(1))
          return .text("later \(exchange.body.count)")
        }),
      HTTPRoute(
        .post, "/never", bodyLimitBytes: bodyLimitBytes,
        task: { _ in
          log.started += 1
          do { try await loop.sleep(for: .seconds(3600)) } catch { log.cancelled += 1 }
          return .text("cancelled")
        }),
      HTTPRoute(.post, "/hold", bodyLimitBytes: 0) { exchange in
        log.started += 1
        exchange.whenClientLeaves = { log.left += 1 }
        log.held.append(exchange)
      },
    ]
  }
}

/// What the server and its handlers note. Confined to the loop, which makes it Sendable.
final class ServerLog: HTTPServerObserver, @unchecked Sendable {
  var started = 0
  var cancelled = 0
  var left = 0
  var held: [HTTPExchange] = []
  private(set) var opened = 0
  private(set) var closed = 0
  private(set) var answers: [String] = []
  private(set) var refusals: [HTTPRefusal.Code] = []

  func connectionOpened() { opened += 1 }
  func connectionClosed() { closed += 1 }
  func answered(
    _ method: HTTPMethod, pattern: String, status: Int, requestBytes: Int, responseBytes: Int, after: Duration
  ) { answers.append("\(method.rawValue) \(pattern) \(status) \(requestBytes) \(responseBytes)") }
  func refused(_ code: HTTPRefusal.Code) { refusals.append(code) }
}

extension EventLoop {
  /// Runs `body` as one call on the loop and returns what it returns.
  @discardableResult
  func call<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      execute { continuation.resume(with: Result(catching: body)) }
    }
  }
}
