import ControllerClient
import EventLog
import EventLoop
import FoundationEssentials
import HTTPServer
import Postgres
import Streams
import Testing

@testable import Gateway

/// Goal: the routes are those of the description, and a gateway without its surroundings says so plainly.
@Suite struct RoutesTests {
  /// What the description says of paths and methods.
  private struct Description: Decodable {
    struct Operation: Decodable {
      let operationId: String?
      let security: [[String: [String]]]?
      let responses: [String: Anything]?
    }
    struct Anything: Decodable {}
    /// The operations of a path, by method; what else is beside them is left out.
    struct Path: Decodable {
      var operations: [String: Operation] = [:]
      struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
      }
      init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        for key in values.allKeys where HTTPMethod(rawValue: key.stringValue.uppercased()) != nil {
          operations[key.stringValue.uppercased()] = try values.decode(Operation.self, forKey: key)
        }
      }
    }
    let openapi: String
    let paths: [String: Path]
  }

  @Test("The description and the routes name the same paths and methods; what is open says so")
  func description() async throws {
    let gateway = try await LoneGateway.start()
    let routes = try await gateway.routes()
    let answer = gateway.ask("GET", "/openapi.json")
    let description = try JSONDecoder().decode(Description.self, from: Data(answer.body))
    #expect(description.openapi.hasPrefix("3.1"))
    let described = description.paths.flatMap { path, item in item.operations.keys.map { "\($0) \(path)" } }
    #expect(Set(described) == Set(routes))
    #expect(described.count == routes.count)
    let operations = description.paths.flatMap { path, item in
      item.operations.map { (path, $0.value) }
    }
    #expect(Set(operations.compactMap(\.1.operationId)).count == operations.count)
    for (path, operation) in operations {
      #expect((operation.security?.isEmpty == true) == !path.hasPrefix("/v1/"), "\(path)")
      #expect(!path.hasPrefix("/v1/") || operation.responses?["401"] != nil, "\(path)")
    }
    await gateway.stop()
  }

  @Test("Alone it lives, is not ready, and refuses what needs its surroundings with problems")
  func alone() async throws {
    let gateway = try await LoneGateway.start()
    #expect(gateway.ask("GET", "/healthz").status == 200)
    let ready = gateway.ask("GET", "/readyz")
    #expect(ready.status == 503)
    #expect(
      ready.text
        == #"{"catalogue":false,"database":false,"executor":false,"log":false,"ready":false,"replies":false}"#)
    for (method, path) in [
      ("GET", "/v1/functions"), ("POST", "/v1/functions/a/invocations"), ("GET", "/v1/invocations/x"),
    ] {
      let answer = gateway.ask(method, path)
      #expect(answer.status == 503 && answer.text.contains(#""code":"starting""#), "\(path): \(answer.text)")
      #expect(answer.fields["content-type"] == "application/problem+json")
    }
    await gateway.stop()
  }

  @Test("What the server refuses is a problem too")
  func refusals() async throws {
    let gateway = try await LoneGateway.start()
    let missing = gateway.ask("GET", "/v1/nothing")
    #expect(missing.status == 404 && missing.text.contains("https://millrace.dev/errors/not_found"))
    let method = gateway.ask("PATCH", "/v1/functions/a")
    #expect(method.status == 405 && method.fields["allow"] == "GET, DELETE, PUT, HEAD")
    let metrics = gateway.ask("GET", "/metrics")
    #expect(metrics.text.contains(#"gateway_refusals_total{code="not_found"}"#))
    await gateway.stop()
  }

  @Test("An address that other machines reach is refused unless it is said to be meant")
  func loopback() {
    func options(_ reach: GatewayOptions.Reach) throws {
      _ = try GatewayOptions(
        listen: .tcp(host: "0.0.0.0", port: 0), reach: reach,
        log: EventLogOptions(bootstrapServers: "127.0.0.1:1", clientID: "test"), postgres: PostgresOptions(url: ""),
        controller: .unix(path: "/nowhere"))
    }
    #expect(throws: GatewayConfigurationError.self) { try options(.loopback) }
    #expect(throws: Never.self) { try options(.anywhere) }
  }
}

/// A gateway whose log, database and controller are away.
final class LoneGateway: Sendable {
  private let loop: EventLoop
  private let options: GatewayOptions
  private let running: Task<Void, Never>
  private let port: UInt16

  private init(loop: EventLoop, options: GatewayOptions, running: Task<Void, Never>, port: UInt16) {
    self.loop = loop
    self.options = options
    self.running = running
    self.port = port
  }

  static func start() async throws -> LoneGateway {
    let loop = try LoopThread.startLoop(name: "gateway")
    let options = try GatewayOptions(
      listen: .tcp(host: "127.0.0.1", port: 0), reach: .loopback,
      log: EventLogOptions(bootstrapServers: "127.0.0.1:1", clientID: "test"),
      postgres: PostgresOptions(url: "host=127.0.0.1 port=1 connect_timeout=1"),
      controller: .unix(path: "/nowhere/controller.sock"))
    let (stream, continuation) = AsyncStream<UInt16>.makeStream()
    let running = loop.spawn {
      let stage = GatewayStage(loop: loop, options: options)
      do {
        try await stage.run {
          if case .tcp(_, let port) = stage.address { continuation.yield(port) }
        }
      } catch { Issue.record(error) }
      continuation.finish()
    }
    var iterator = stream.makeAsyncIterator()
    let port = await iterator.next() ?? 0
    return LoneGateway(loop: loop, options: options, running: running, port: port)
  }

  func routes() async throws -> [String] {
    let (loop, options) = (loop, options)
    return try await Task(executorPreference: loop.tasks) {
      let services = try GatewayServices(loop: loop, options: options)
      let routes = GatewayStage.router(services).routes.map { "\($0.method.rawValue) \($0.pattern)" }
      await services.close()
      return routes
    }.value
  }

  func stop() async {
    running.cancel()
    await running.value
    loop.stop()
  }

  func ask(_ method: String, _ path: String) -> PlainRequest.Answer {
    PlainRequest(port: port, method: method, path: path).send()
  }
}
