internal import EventLoop
internal import HTTPServer
internal import Streams

/// The smallest server on our HTTP: what `Benchmarks/hello` measures beside nginx. `bench-hello PORT` serves `hello` on
/// loopback by a synchronous handler at `/` and by a task at `/task`.
@main struct BenchHello {
  static func main() throws {
    guard CommandLine.arguments.count == 2, let port = UInt16(CommandLine.arguments[1]) else {
      print("usage: bench-hello PORT")
      return
    }
    _ = try EventLoop.run(name: "hello") { loop in
      let server = HTTPServer(
        loop: loop,
        router: HTTPRouter([
          HTTPRoute(.get, "/", bodyLimitBytes: 0) { $0.respond(.text("hello")) },
          HTTPRoute(.post, "/", bodyLimitBytes: 1 << 20) { $0.respond(.text("hello")) },
          HTTPRoute(.get, "/task", bodyLimitBytes: 0, task: { _ in .text("hello") }),
        ]))
      do {
        try server.listen(at: .tcp(host: "127.0.0.1", port: port))
        try await loop.sleep(for: .seconds(86_400))
      } catch {
        print(error)
      }
      server.close()
      return 1
    }
  }
}
