import ControllerClient
import EventLog
import EventLoop
import FoundationEssentials
import Glibc
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
  struct Answer {
    let status: Int
    let fields: [String: String]
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

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

  func ask(_ method: String, _ path: String) -> Answer {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(connected == 0)
    let request = Array("\(method) \(path) HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n".utf8)
    precondition(write(descriptor, request, request.count) == request.count)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    return Self.answer(bytes)
  }

  private static func answer(_ bytes: [UInt8]) -> Answer {
    let end = bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) } ?? bytes.endIndex
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
    }
    let status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
    return Answer(status: status, fields: fields, body: Array(bytes.dropFirst(end + 4)))
  }
}
