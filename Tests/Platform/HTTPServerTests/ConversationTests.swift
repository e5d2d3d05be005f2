import EventLoop
import Glibc
import Streams
import Testing

@testable import HTTPServer

/// Goal: what is HTTP/1.1 is served, request after request, and no client is left without its answer.
@Suite struct ConversationTests {
  private let get = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

  @Test("Requests on one connection are answered in order, also when sent ahead", .timeLimit(.minutes(1)))
  func pipelining() async throws {
    let server = try await TestServer()
    let client = server.client()
    var requests = ""
    for number in 0..<500 {
      requests += "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: \(number % 7)\r\n\r\n"
      requests += String(repeating: "x", count: number % 7)
      requests += "GET /things/\(number) HTTP/1.1\r\nHost: a\r\n\r\n"
    }
    let sending = requests
    startThread { client.send(sending) }
    for number in 0..<500 {
      #expect(client.answer()?.text == "later \(number % 7)")
      #expect(client.answer()?.text == "/things/\(number)|\(number)|-")
    }
    #expect(try await server.loop.call { server.log.opened } == 1)
  }

  @Test("A client that sends ahead and does not read is held back, and then served", .timeLimit(.minutes(1)))
  func pipeliningWithoutReading() async throws {
    let server = try await TestServer()
    let client = server.client()
    startThread { for _ in 0..<60 { client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n") } }
    #expect(try await server.eventually { !$0.log.answers.isEmpty })
    for _ in 0..<60 { #expect(client.answer()?.body.count == 4 << 20) }
  }

  @Test("HTTP/1.0 is answered and closed, or kept where it asks and is told so")
  func version10() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(client.answer()?.fields["connection"] == "keep-alive")
    client.send("GET /hello HTTP/1.0\r\n\r\n")
    #expect(client.answer()?.closes == true)
    #expect(client.isAtEnd())
  }

  @Test("Connection: close is obeyed, and what was sent behind it is not served")
  func close() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n" + get)
    #expect(client.answer()?.closes == true)
    #expect(client.isAtEnd())
  }

  @Test("HEAD has the fields of GET and no body")
  func head() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + get)
    let answer = client.answer(toHead: true)
    #expect(answer?.status == 200)
    #expect(answer?.fields["content-length"] == "5")
    #expect(client.answer()?.text == "hello")
  }

  @Test("204 has neither body nor length")
  func noContent() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("PUT /things/1 HTTP/1.1\r\nHost: a\r\n\r\n")
    let answer = client.answer()
    #expect(answer?.status == 204)
    #expect(answer?.fields["content-length"] == nil)
  }

  @Test("A handler's text cannot end a field's line")
  func responseSplitting() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n")
    let answer = client.answer()
    #expect(answer?.fields["x-value"] == "a  X-Evil: b")
    #expect(answer?.fields["x-evil"] == nil)
  }

  @Test(
    "A body of exactly the limit is taken, by length and in chunks",
    arguments: ["Content-Length: 3000\r\n\r\n%", "Transfer-Encoding: chunked\r\n\r\nbb8\r\n%\r\n0\r\n\r\n"])
  func exactLimit(_ form: String) async throws {
    let server = try await TestServer()
    let client = server.client()
    let body = String(repeating: "b", count: TestServer.bodyLimitBytes)
    let parts = form.split(separator: "%", omittingEmptySubsequences: false)
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(parts[0])\(body)\(parts[1])" + get)
    #expect(client.answer()?.text == body)
    #expect(client.answer()?.text == "hello")
  }

  @Test(
    "A body over the limit: the client sees 413, though it goes on sending",
    arguments: ["Content-Length: 500000\r\n\r\n%", "Transfer-Encoding: chunked\r\n\r\n7A120\r\n%\r\n0\r\n\r\n"])
  func overLimit(_ form: String) async throws {
    let server = try await TestServer()
    let client = server.client()
    let parts = form.split(separator: "%", omittingEmptySubsequences: false)
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(parts[0])")
    client.send([UInt8](repeating: 98, count: 500_000))
    client.send(String(parts[1]))
    let answer = client.answer()
    #expect(answer?.status == 413)
    #expect(answer?.closes == true)
    #expect(client.isAtEnd())
  }

  @Test("Beyond what is read while lingering, the connection is cut")
  func lingeringIsBounded() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000000\r\n\r\n")
    var isCut = false
    for _ in 0..<100 where !client.send([UInt8](repeating: 98, count: 1 << 20)) {
      isCut = true
      break
    }
    #expect(isCut)
    #expect(try await server.eventually { $0.server.connectionCount == 0 })
  }

  @Test("100-continue is answered, then the request; a client that does not wait gets no 100")
  func continuing() async throws {
    let server = try await TestServer()
    let client = server.client()
    let head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    client.send(head)
    #expect(client.answer()?.status == 100)
    client.send("ab")
    #expect(client.answer()?.text == "ab")
    client.send(head + "cd")
    #expect(client.answer()?.text == "cd")
  }

  @Test("A route can refuse before a large body is sent; small ones are left to its handler")
  func admission() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")
    #expect(client.answer()?.text == "10 0")
    client.send("POST /guarded HTTP/1.1\r\nHost: a\r\nX-Pass: 1\r\nContent-Length: 11\r\n\r\n0123456789a")
    #expect(client.answer()?.text == "11 0")
    client.send("POST /guarded HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")
    let refused = client.answer()
    #expect(refused?.status == 401 && refused?.closes == true)
    #expect(client.isAtEnd())
    let chunked = server.client()
    chunked.send("POST /guarded HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(chunked.answer()?.status == 401)
    #expect(try await server.loop.call { server.server.heldBodyBytes } == 0)
  }

  @Test("A head or a body that does not come in time is 408; an idle connection just ends", .timeLimit(.minutes(1)))
  func slowClients() async throws {
    var limits = HTTPLimits()
    (limits.head, limits.stall) = (.milliseconds(30), .milliseconds(30))
    let server = try await TestServer(limits: limits)
    let (head, body) = (server.client(), server.client())
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
    head.send("GET /hello HTTP/1.1\r\nHo")
    #expect(head.answer()?.status == 408)
    #expect(body.answer()?.status == 408)
    limits = HTTPLimits()
    limits.idle = .milliseconds(30)
    let patient = try await TestServer(limits: limits)
    let idle = patient.client()
    idle.send(get)
    #expect(idle.answer()?.text == "hello")
    #expect(idle.isAtEnd())
    #expect(head.isAtEnd() && body.isAtEnd())
  }

  @Test("The connection stays after an asynchronous answer")
  func keepAliveAfterTask() async throws {
    let server = try await TestServer()
    let client = server.client()
    for _ in 0..<3 {
      client.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
      #expect(client.answer()?.text == "later 3")
    }
    #expect(try await server.loop.call { server.log.answers.last } == "POST /later 200 3 7")
  }

  @Test("A client that leaves in the middle of a body leaves nothing behind", arguments: [true, false])
  func leavesMidBody(byReset: Bool) async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /never HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nabc")
    #expect(try await server.eventually { $0.server.connectionCount == 1 })
    if byReset { client.reset() } else { client.finish() }
    #expect(try await server.eventually { $0.log.closed == 1 })
    #expect(try await server.loop.call { server.log.started } == 0)
  }

  @Test("A client that leaves while its task runs: the task is cancelled", arguments: [true, false])
  func leavesDuringTask(byReset: Bool) async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /never HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
    #expect(try await server.eventually { $0.log.started == 1 })
    if byReset { client.reset() } else { client.finish() }
    #expect(try await server.eventually { $0.log.cancelled == 1 && $0.server.connectionCount == 0 })
  }

  @Test("A client that leaves while a handler waits: it is told once, and a late answer goes nowhere")
  func leavesDuringCall() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /hold HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await server.eventually { $0.log.started == 1 })
    client.reset()
    #expect(try await server.eventually { $0.log.left == 1 && $0.server.connectionCount == 0 })
    try await server.loop.call {
      #expect(server.log.held[0].hasClientLeft)
      server.log.held[0].respond(.text("late"))
      server.log.held[0].respond(.text("later"))
    }
    #expect(try await server.loop.call { server.log.answers } == [])
  }

  @Test("A handler may answer much later, from anywhere on the loop")
  func answersLater() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /hold HTTP/1.1\r\nHost: a\r\n\r\n" + get)
    #expect(try await server.eventually { $0.log.started == 1 })
    try await server.loop.call { server.log.held[0].respond(.text("at last")) }
    #expect(client.answer()?.text == "at last")
    #expect(client.answer()?.text == "hello")
  }

  @Test(
    "The path is kept raw, split by / first, and each segment decoded after",
    arguments: [
      ("/things/a%2Fb", "/things/a%2Fb|a/b|-"), ("/things/%2e%2e", "/things/%2e%2e|..|-"),
      ("/things/..", "/things/..|..|-"),
      ("/th%69ngs/x", "/th%69ngs/x|x|-"), ("/things/%E2%82%AC", "/things/%E2%82%AC|€|-"),
      ("/things/a+b?q=a+b%20c", "/things/a+b|a+b|a b c"), ("/things/a?p=1&q=2&q=3", "/things/a|a|2"),
      ("/things/a?q", "/things/a|a|"), ("/things/a?x=q&y", "/things/a|a|-"), ("/things/fixed", "fixed"),
      ("http://a/things/x?q=1", "/things/x|x|1"),
    ])
  func paths(_ target: String, _ expected: String) async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    let answer = client.answer()
    #expect(answer?.status == 200)
    #expect(answer?.text == expected)
  }

  @Test(
    "Paths that nothing is at",
    arguments: [
      ("//things/a", 404), ("/things//a", 404), ("/things/", 404), ("/things%2Fa", 404), ("/", 404), ("/hello/", 404),
      ("/hello/../hello", 404), ("/things/%C0%AF", 400), ("/things/%ff", 400), ("/nowhere/%ff", 400),
      ("/things/%ED%A0%80", 400),
    ])
  func nothing(_ target: String, _ status: Int) async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.answer()?.status == status)
  }

  @Test("Field names are found in any case; repeated fields are joined")
  func fields() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("GET /header HTTP/1.1\r\nhOST: a\r\nX-TEST: \t one \r\nx-test:two\r\n\r\n")
    #expect(client.answer()?.text == "one, two")
  }

  @Test("A Unix socket serves as TCP does")
  func unixSocket() async throws {
    let path = "/tmp/millrace-http-\(getpid()).sock"
    let server = try await TestServer(at: .unix(path: path))
    let client = server.client()
    client.send(get)
    #expect(client.answer()?.text == "hello")
    try await server.loop.call { server.server.close() }
  }

  @Test("Draining: what has begun is answered, idle connections end, and nothing is accepted any more")
  func draining() async throws {
    let server = try await TestServer()
    let (idle, busy) = (server.client(), server.client())
    idle.send(get)
    #expect(idle.answer()?.text == "hello")
    busy.send("POST /hold HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try await server.eventually { $0.log.started == 1 })
    let drained = Task(executorPreference: server.loop.tasks) { await server.server.drain(within: .seconds(3600)) }
    #expect(idle.isAtEnd())
    try await server.loop.call { server.log.held[0].respond(.text("still answered")) }
    let answer = busy.answer()
    #expect(answer?.text == "still answered")
    #expect(answer?.closes == true)
    idle.finish()
    busy.finish()
    await drained.value
    #expect(try await server.loop.call { server.server.connectionCount } == 0)
  }

  @Test("Bodies of all connections together are bounded")
  func heldBodies() async throws {
    var limits = HTTPLimits()
    limits.heldBodyBytes = 4000
    let server = try await TestServer(limits: limits)
    let (first, second) = (server.client(), server.client())
    first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n" + String(repeating: "a", count: 2500))
    #expect(try await server.eventually { $0.server.heldBodyBytes == 2500 })
    second.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2500\r\n\r\n" + String(repeating: "b", count: 2500))
    #expect(second.answer()?.status == 503)
    first.send(String(repeating: "a", count: 500))
    #expect(first.answer()?.body.count == 3000)
    first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n" + String(repeating: "a", count: 3000))
    #expect(first.answer()?.status == 200)
  }
}

private func startThread(_ body: @escaping () -> Void) {
  struct Call: @unchecked Sendable { let body: () -> Void }
  let call = Call(body: body)
  do { try LoopThread.start(name: "client") { call.body() } } catch { preconditionFailure("\(error)") }
}
