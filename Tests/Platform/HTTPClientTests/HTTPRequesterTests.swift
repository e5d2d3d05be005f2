import EventLoop
import Glibc
import HTTPClient
import Testing

@Suite struct HTTPRequesterTests {
  private static let large = String(repeating: "0123456789abcdef", count: 200_000)

  private static func answer(_ path: String) -> String? {
    switch path {
    case "/hello": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Odd:  a b \r\n\r\nhello"
    case "/missing": "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    case "/large": "HTTP/1.1 200 OK\r\nContent-Length: \(large.utf8.count)\r\n\r\n" + large
    case "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    case "/interim": "HTTP/1.1 103 Early\r\nOld: 1\r\n\r\nHTTP/1.1 202 Accepted\r\nNew: 2\r\nContent-Length: 0\r\n\r\n"
    case "/short": "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nhello"
    case "/head": "HTTP/1.1 200 OK\r\nLong: " + String(repeating: "x", count: 90_000) + "\r\n\r\n"
    case "/gibberish": "220 mail.example ESMTP\r\n\r\n"
    case "/hangup": ""
    default: nil
    }
  }

  /// Runs the body on a loop with a requester and a peer.
  private func withPeer<Value: Sendable>(
    atPath path: String? = nil,
    _ body: @escaping @Sendable (HTTPRequester, ScriptedPeer, EventLoop) async -> Value
  ) async throws -> Value {
    let peer = try ScriptedPeer(atPath: path, answer: Self.answer)
    defer { peer.stop() }
    let loop = try LoopThread.startLoop(name: "requests")
    defer { loop.stop() }
    return await withCheckedContinuation { continuation in
      loop.spawn {
        let requester = HTTPRequester(loop: loop)
        let value = await body(requester, peer, loop)
        requester.close()
        continuation.resume(returning: value)
      }
    }
  }

  private static func code(
    _ requester: HTTPRequester, _ request: OutgoingRequest
  ) async -> HTTPClientError.Code? {
    do throws(HTTPClientError) {
      _ = try await requester.send(request)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func anAnswerIsReadAndTheConnectionKept() async throws {
    try await withPeer { requester, peer, _ in
      for _ in 0..<20 {
        let answer = try? await requester.send(OutgoingRequest("GET", "http://127.0.0.1:\(peer.port)/hello"))
        #expect(answer?.status == 200 && answer?.body == Array("hello".utf8) && answer?.header("x-odd") == "a b ")
      }
      let missing = try? await requester.send(OutgoingRequest("GET", "http://127.0.0.1:\(peer.port)/missing"))
      #expect(missing?.status == 404 && missing?.body == [])
      #expect(peer.connectionCount == 1)
    }
  }

  @Test func whatIsSentIsWhatWasAsked() async throws {
    try await withPeer { requester, peer, _ in
      let address = "http://127.0.0.1:\(peer.port)/hello"
      let large = [UInt8](repeating: 0x41, count: 3_000_000)
      _ = try? await requester.send(
        OutgoingRequest("PUT", address, headers: [("X-One", "1"), ("X-Empty", "")], body: large))
      _ = try? await requester.send(OutgoingRequest("POST", address))
      _ = try? await requester.send(OutgoingRequest("DELETE", address))
      let requests = peer.requests
      #expect(requests.count == 3)
      #expect(requests[0].hasPrefix("PUT /hello HTTP/1.1\r\nHost: 127.0.0.1:\(peer.port)\r\n"))
      #expect(requests[0].contains("\r\nX-One: 1\r\n") && requests[0].contains("\r\nX-Empty:\r\n"))
      #expect(requests[0].hasSuffix("AAA") && requests[0].contains("Content-Length: 3000000\r\n"))
      #expect(!requests[0].contains("Expect") && !requests[0].lowercased().contains("content-type"))
      #expect(requests[1].hasPrefix("POST ") && requests[1].contains("Content-Length: 0\r\n"))
      #expect(requests[2].hasPrefix("DELETE ") && !requests[2].contains("Content-Length"))
    }
  }

  @Test func largeAndChunkedAndInterimAnswersAreWhole() async throws {
    try await withPeer { requester, peer, _ in
      let address = "http://127.0.0.1:\(peer.port)"
      let large = try? await requester.send(OutgoingRequest("GET", address + "/large"))
      let isWhole = large?.body == Array(Self.large.utf8)
      #expect(isWhole)
      let chunked = try? await requester.send(OutgoingRequest("GET", address + "/chunked"))
      #expect(chunked?.body == Array("abcde".utf8))
      let final = try? await requester.send(OutgoingRequest("GET", address + "/interim"))
      #expect(final?.status == 202 && final?.header("new") == "2" && final?.header("old") == nil)
    }
  }

  @Test func manyRequestsRunAtOnce() async throws {
    let count = try await withPeer { requester, peer, _ in
      await withTaskGroup(of: Int.self) { group in
        for _ in 0..<50 {
          group.addTask {
            let request = OutgoingRequest("GET", "http://127.0.0.1:\(peer.port)/large")
            return (try? await requester.send(request))?.body.count ?? 0
          }
        }
        return await group.reduce(0, +)
      }
    }
    #expect(count == 50 * Self.large.utf8.count)
  }

  @Test func aUnixSocketIsReached() async throws {
    try await withPeer(atPath: "/tmp/httprequester-\(getpid()).sock") { requester, peer, _ in
      let request = OutgoingRequest("GET", "http://controller/hello", socketPath: peer.socketPath)
      let answer = try? await requester.send(request)
      #expect(answer?.body == Array("hello".utf8))
      #expect(peer.requests.first?.contains("\r\nHost: controller\r\n") == true)
      let nobody = OutgoingRequest("GET", "http://controller/hello", socketPath: "/tmp/no-such-socket")
      #expect(await Self.code(requester, nobody) == .unreachable)
    }
  }

  @Test(arguments: [
    ("/nothing", HTTPClientError.Code.timedOut), ("/short", .broken), ("/hangup", .broken), ("/head", .tooLarge),
    ("/gibberish", .badResponse), ("/large", .tooLarge),
  ]) func eachFailureHasItsCode(_ path: String, _ code: HTTPClientError.Code) async throws {
    let seen = try await withPeer { requester, peer, _ in
      await Self.code(
        requester,
        OutgoingRequest(
          "GET", "http://127.0.0.1:\(peer.port)\(path)", timeout: path == "/nothing" ? .milliseconds(50) : .seconds(30),
          responseLimitBytes: 1 << 20))
    }
    #expect(seen == code)
  }

  @Test func whatCannotBeReachedOrSentIsTold() async throws {
    try await withPeer { requester, peer, _ in
      peer.stop()
      let address = "http://127.0.0.1:\(peer.port)/hello"
      #expect(await Self.code(requester, OutgoingRequest("GET", address)) == .unreachable)
      #expect(await Self.code(requester, OutgoingRequest("GET", "http://name.invalid/")) == .unreachable)
      #expect(await Self.code(requester, OutgoingRequest("GET", "ftp://127.0.0.1/")) == .badRequest)
      #expect(await Self.code(requester, OutgoingRequest("GET", "http://[")) == .badRequest)
      let injected = OutgoingRequest("GET", address, headers: [("A", "b\r\nC: d")])
      #expect(await Self.code(requester, injected) == .badRequest)
    }
  }

  @Test func cancellingGivesTheConnectionUp() async throws {
    try await withPeer { requester, peer, loop in
      let task = Task(executorPreference: loop.tasks) {
        await Self.code(
          requester, OutgoingRequest("GET", "http://127.0.0.1:\(peer.port)/nothing", timeout: .seconds(600)))
      }
      while peer.requests.isEmpty { await Task.yield() }
      task.cancel()
      #expect(await task.value == .cancelled)
      while peer.closedCount == 0 { await Task.yield() }
      let before = Task(executorPreference: loop.tasks) {
        await Self.code(requester, OutgoingRequest("GET", "http://127.0.0.1:\(peer.port)/hello"))
      }
      before.cancel()
      _ = await before.value
    }
  }

  @Test func closingFailsWhatIsUnderWay() async throws {
    try await withPeer { requester, peer, loop in
      let request = OutgoingRequest("GET", "http://127.0.0.1:\(peer.port)/nothing", timeout: .seconds(600))
      let task = Task(executorPreference: loop.tasks) { await Self.code(requester, request) }
      while peer.requests.isEmpty { await Task.yield() }
      requester.close()
      #expect(await task.value == .cancelled)
      #expect(await Self.code(requester, request) == .cancelled)
    }
  }

  @Test func segmentsAreEncoded() {
    #expect(PercentEncoding.encode("a b/ü%~-._") == "a%20b%2F%C3%BC%25~-._")
  }
}
