import EventLoop
import HTTPServer
import MillraceDomain
import Streams
import Testing

@testable import Gateway

/// Goal: a call that waits is answered exactly once, by whatever comes first.
@Suite struct WaitingCallsTests {
  /// A server whose calls wait under ids of their own, with the table that they wait in.
  private final class Scene: @unchecked Sendable {
    let loop: EventLoop
    let waiting: WaitingCalls
    private(set) var ids: [InvocationID] = []
    private(set) var port: UInt16 = 0
    private var server: HTTPServer?

    init(within limit: Duration) async throws {
      let loop = try LoopThread.startLoop(name: "waiting")
      self.loop = loop
      waiting = await Task(executorPreference: loop.tasks) { WaitingCalls(loop: loop, metrics: GatewayMetrics()) }.value
      await Task(executorPreference: loop.tasks) { [self] in serve(within: limit) }.value
    }

    private func serve(within limit: Duration) {
      let route = HTTPRoute(.get, "/wait", bodyLimitBytes: 0) { [unowned self] exchange in
        var generator = SystemRandomNumberGenerator()
        let id = InvocationID(at: Timestamp(milliseconds: 1), using: &generator)
        guard let name = try? FunctionName("echo") else { return }
        ids.append(id)
        waiting.add(id, exchange, WaitingCalls.FunctionKey(namespace: .standard, function: name), within: limit)
      }
      let server = HTTPServer(loop: loop, router: HTTPRouter([route]))
      self.server = server
      guard let address = try? server.listen(at: .tcp(host: "127.0.0.1", port: 0)),
        case .tcp(_, let port) = address
      else { return }
      self.port = port
    }

    func ask() async -> PlainRequest.Answer {
      let request = PlainRequest(port: port, method: "GET", path: "/wait")
      return await withCheckedContinuation { continuation in
        do { try LoopThread.start(name: "client") { continuation.resume(returning: request.send()) } } catch {
          preconditionFailure("\(error)")
        }
      }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
      await withCheckedContinuation { continuation in loop.execute { continuation.resume(returning: body()) } }
    }

    func awaitCalls(_ count: Int) async {
      while await run({ self.waiting.count }) < count { await Task.yield() }
    }
  }

  @Test("A wait that grows too long is 504 with the id", .timeLimit(.minutes(1)))
  func timeout() async throws {
    let scene = try await Scene(within: .milliseconds(20))
    let answer = await scene.ask()
    #expect(answer.status == 504 && answer.text.contains("wait_timed_out"))
    let id = await scene.run { scene.ids[0].description }
    #expect(answer.fields["millrace-invocation-id"] == id && answer.text.contains(id))
    #expect(await scene.run { scene.waiting.count } == 0)
  }

  @Test("When the gateway stops, every caller is told to ask later", .timeLimit(.minutes(1)))
  func dismissal() async throws {
    let scene = try await Scene(within: .seconds(3600))
    async let first = scene.ask()
    async let second = scene.ask()
    await scene.awaitCalls(2)
    await scene.run { scene.waiting.dismissAll() }
    let answers = await [first, second]
    #expect(answers.allSatisfy { $0.status == 504 && $0.fields["millrace-invocation-id"] != nil })
  }

  @Test("A call that failed is answered once; what comes later goes nowhere", .timeLimit(.minutes(1)))
  func failure() async throws {
    let scene = try await Scene(within: .seconds(3600))
    async let answer = scene.ask()
    await scene.awaitCalls(1)
    await scene.run {
      scene.waiting.fail(scene.ids[0], GatewayError(.overloaded, "full"))
      scene.waiting.fail(scene.ids[0], GatewayError(.logUnavailable, "late"))
    }
    #expect(await answer.text.contains("overloaded"))
    #expect(await scene.run { scene.waiting.count } == 0)
  }
}
