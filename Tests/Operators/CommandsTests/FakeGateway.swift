import Commands
import EventLoop
import FoundationEssentials
import HTTPServer
import Settings
import Streams
import Synchronization

/// A gateway that answers from a script, and what was asked of it.
final class FakeGateway: Sendable {
  /// What came of a command.
  struct Run {
    let code: Int32
    let output: String
    let errorOutput: String
    let requests: [String]
  }

  typealias Answer = @Sendable (HTTPExchange) -> HTTPResponse

  /// Every path that commands ask for.
  private static let paths: [(HTTPMethod, String)] = [
    (.get, "/v1/functions"), (.get, "/v1/functions/{name}"), (.get, "/v1/functions/{name}/versions"),
    (.put, "/v1/functions/{name}"), (.delete, "/v1/functions/{name}"), (.get, "/v1/deployments/{id}"),
    (.post, "/v1/functions/{name}/invocations"), (.get, "/v1/invocations"), (.get, "/v1/invocations/{id}"),
    (.get, "/v1/invocations/{id}/result"), (.get, "/v1/invocations/{id}/logs"),
  ]

  /// Runs a command line against a gateway that answers so.
  static func run(
    _ words: [String], audience: Console.Audience = .program, answer: @escaping Answer
  ) async throws -> Run {
    let loop = try LoopThread.startLoop(name: "commands")
    defer { loop.stop() }
    let output = Mutex<[UInt8]>([])
    let errorOutput = Mutex<[UInt8]>([])
    let requests = Mutex<[String]>([])
    return try await withCheckedThrowingContinuation { continuation in
      loop.spawn {
        do {
          let server = HTTPServer(
            loop: loop,
            router: HTTPRouter(
              paths.map { method, pattern in
                HTTPRoute(method, pattern, bodyLimitBytes: 1 << 20) { exchange in
                  let query = exchange.rawQuery.isEmpty ? "" : "?\(exchange.rawQuery)"
                  requests.withLock { $0.append("\("\(exchange.method)".uppercased()) \(exchange.rawPath)\(query)") }
                  guard exchange.header("authorization") == "Bearer secret" else {
                    return exchange.respond(.json(Array(#"{"title":"Unauthorized"}"#.utf8), status: 401))
                  }
                  exchange.respond(answer(exchange))
                }
              }))
          guard case .tcp(_, let port) = try server.listen(at: .tcp(host: "127.0.0.1", port: 0)) else { return }
          let console = Console(
            outputAudience: audience, errorAudience: audience,
            writeOutput: { bytes in output.withLock { $0 += bytes } },
            writeError: { bytes in errorOutput.withLock { $0 += bytes } })
          let runner = CommandRunner(
            words,
            environment: [
              "MILLRACE_URL": "http://127.0.0.1:\(port)/", "MILLRACE_TOKEN": "secret",
              "MILLRACE_CONTEXT": "/nonexistent",
            ], console: console, program: ServerProgram(roles: [], settings: []) { _, _, _ in 0 })
          let code = await runner.run(on: loop)
          server.close()
          continuation.resume(
            returning: Run(
              code: code, output: String(decoding: output.withLock { $0 }, as: UTF8.self),
              errorOutput: String(decoding: errorOutput.withLock { $0 }, as: UTF8.self),
              requests: requests.withLock { $0 }))
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

extension HTTPResponse {
  /// JSON with header fields.
  static func answer(_ json: String, status: Int = 200, _ fields: [(name: String, value: String)] = []) -> HTTPResponse
  {
    var response = HTTPResponse.json(Array(json.utf8), status: status)
    response.fields += fields
    return response
  }
}
