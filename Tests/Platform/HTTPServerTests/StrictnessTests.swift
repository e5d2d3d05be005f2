import HTTPServer
import Testing

/// Goal: what is not HTTP/1.1 as we have it is refused and ends the connection, by raw bytes over a real socket.
@Suite struct StrictnessTests {
  /// Raw bytes and the statuses that may answer them. Always the connection ends after the answer.
  struct Refused: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: String
    let statuses: Set<Int>
    var testDescription: String { name }

    init(_ name: String, _ bytes: String, _ statuses: Int...) {
      self.name = name
      self.bytes = bytes
      self.statuses = Set(statuses)
    }

    /// A POST to the echo with these fields and what follows the head.
    static func post(_ name: String, _ fields: String, _ rest: String = "", _ statuses: Int...) -> Refused {
      var refused = Refused(name, "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(rest)")
      refused = Refused(name: name, bytes: refused.bytes, statuses: Set(statuses))
      return refused
    }

    private init(name: String, bytes: String, statuses: Set<Int>) {
      self.name = name
      self.bytes = bytes
      self.statuses = statuses
    }

    /// A POST to the echo in chunks.
    static func chunked(_ name: String, _ chunks: String) -> Refused {
      post(name, "Transfer-Encoding: chunked\r\n", chunks, 400)
    }
  }

  static let lengths: [Refused] = [
    .post("length and coding", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 400),
    .post("coding and length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n", 400),
    .post("two equal lengths", "Content-Length: 4\r\nContent-Length: 4\r\n", "abcd", 400),
    .post("two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n", "abcde", 400),
    .post("negative length", "Content-Length: -1\r\n", "", 400),
    .post("length with a plus", "Content-Length: +2\r\n", "ab", 400),
    .post("list of lengths", "Content-Length: 2,2\r\n", "ab", 400),
    .post("length of 20 digits", "Content-Length: 18446744073709551618\r\n", "ab", 400),
    .post("empty length", "Content-Length:\r\n", "", 400),
    .post("hexadecimal length", "Content-Length: 0x2\r\n", "ab", 400),
    .post("length with a space inside", "Content-Length: 1 0\r\n", "ab", 400),
  ]

  static let codings: [Refused] = [
    .post("gzip", "Transfer-Encoding: gzip\r\n", "", 501, 400),
    .post("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n", 501, 400),
    .post("chunked, chunked", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n", 501, 400),
    .post("identity", "Transfer-Encoding: identity\r\n", "", 501, 400),
    .post("chunked with a parameter", "Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n", 501, 400),
    .post("chunked with a vertical tab", "Transfer-Encoding: \u{0b}chunked\r\n", "0\r\n\r\n", 400),
    .post("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 400, 501),
    Refused(
      "coding with 1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, 501),
  ]

  static let fieldLines: [Refused] = [
    .post("space before the colon", "Content-Length : 2\r\n", "ab", 400),
    .post("tab before the colon", "X-A\t: 2\r\n", "", 400),
    .post("folded line", "X-A: 1\r\n 2\r\n", "", 400),
    .post("empty name", ": 2\r\n", "", 400),
    .post("no colon", "X-A\r\n", "", 400),
    .post("name with a quote", "X\"A: 1\r\n", "", 400),
    Refused("first line folded", "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n", 400),
  ]

  static let hosts: [Refused] = [
    Refused("no host", "GET /hello HTTP/1.1\r\n\r\n", 400),
    Refused("two hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    Refused("host with a slash", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    Refused("host with user information", "GET /hello HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
    Refused("host with a space", "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    Refused("empty host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400),
    Refused("host with a comma", "GET /hello HTTP/1.1\r\nHost: a,b\r\n\r\n", 400, 400),
  ]

  static let bytes: [Refused] = [
    Refused("bare LF after the request line", "GET /hello HTTP/1.1\nHost: a\r\n\r\n", 400),
    Refused("bare LF after a field", "GET /hello HTTP/1.1\r\nHost: a\n\r\n", 400),
    Refused("bare LF at the end", "GET /hello HTTP/1.1\r\nHost: a\r\n\n", 400),
    Refused("bare CR in the request line", "GET /hello\r HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("bare CR in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    Refused("NUL in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400),
    Refused("control byte in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", 400),
    Refused("DEL in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\u{7f}b\r\n\r\n", 400),
    Refused("NUL in the target", "GET /he\0llo HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("tab in the target", "GET /he\tllo HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("escaped NUL in the target", "GET /things/a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("escaped NUL in the query", "GET /things/a?q=%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("malformed escape", "GET /things/a%2 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("two spaces in the request line", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("fragment in the target", "GET /hello#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("target that is no path", "GET hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("space before the method", " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 400),
  ]

  static let chunks: [Refused] = [
    .chunked("0x2", "0x2\r\nab\r\n0\r\n\r\n"),
    .chunked("overflowing size", "fffffffffffffffff\r\nab\r\n0\r\n\r\n"),
    .chunked("overflowing 64 bits by one digit", "10000000000000002\r\nab\r\n0\r\n\r\n"),
    .chunked("empty size", "\r\nab\r\n0\r\n\r\n"),
    .chunked("negative size", "-2\r\nab\r\n0\r\n\r\n"),
    .chunked("size with a plus", "+2\r\nab\r\n0\r\n\r\n"),
    .chunked("wrong terminator", "2\r\nabXX0\r\n\r\n"),
    .chunked("data longer than its size", "2\r\nabc\r\n0\r\n\r\n"),
    .chunked("bare LF after the size", "2\nab\r\n0\r\n\r\n"),
    .chunked("bare LF after the data", "2\r\nab\n0\r\n\r\n"),
    .chunked("long extension", "2;a=\(String(repeating: "b", count: 2000))\r\nab\r\n0\r\n\r\n"),
    .chunked("endless extension", "2;a=\(String(repeating: "b", count: 100_000))"),
    .chunked("control byte in an extension", "2;a=\u{1}\r\nab\r\n0\r\n\r\n"),
    .chunked("bare CR in an extension", "2;a=\rb\r\nab\r\n0\r\n\r\n"),
    .chunked(
      "framing out of proportion", String(repeating: "1;\(String(repeating: "x", count: 900))\r\na\r\n", count: 40)),
    .chunked("malformed trailer", "2\r\nab\r\n0\r\nX : y\r\n\r\n"),
  ]

  static let sizes: [Refused] = [
    Refused("request line of 9 KiB", "GET /\(String(repeating: "a", count: 9216)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    Refused("request line without an end", "GET /\(String(repeating: "a", count: 20_000))", 414),
    Refused(
      "head of 17 KiB", "GET /hello HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 17_000))\r\n\r\n", 431),
    Refused(
      "head without an end", "GET /hello HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 40_000))", 431),
    Refused("101 fields", "GET /hello HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: a\r\n", count: 100))\r\n", 431),
    .post(
      "endless trailers", "Transfer-Encoding: chunked\r\n", "0\r\n\(String(repeating: "X: abcdefgh\r\n", count: 2000))",
      431),
  ]

  static let versions: [Refused] = [
    Refused("0.9", "GET /hello\r\n\r\n", 400, 505),
    Refused("1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", 505, 400),
    Refused("2.0", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505, 400),
    Refused("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 400),
    Refused("9.9", "GET /hello HTTP/9.9\r\nHost: a\r\n\r\n", 505, 400),
    Refused("lower case", "GET /hello http/1.1\r\nHost: a\r\n\r\n", 400),
    Refused("1.10", "GET /hello HTTP/1.10\r\nHost: a\r\n\r\n", 400),
    Refused("TLS", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400),
  ]

  static let methods: [Refused] = [
    Refused("TRACE", "TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    Refused("CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    Refused("DELETE where there is none", "DELETE /things/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    Refused("a method nobody has", "BREW /things/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    Refused("a method in lower case", "get /things/1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    .post("another expectation", "Expect: 200-ok\r\nContent-Length: 2\r\n", "ab", 417),
    .post("two expectations", "Expect: 100-continue, 200-ok\r\nContent-Length: 2\r\n", "ab", 417),
    .post("100-continue over the limit", "Expect: 100-continue\r\nContent-Length: 3001\r\n", "", 413),
  ]

  static let all = [lengths, codings, fieldLines, hosts, bytes, chunks, sizes, versions, methods].flatMap { $0 }

  @Test("Refused, answered and closed, with no second answer", arguments: all)
  func refused(_ request: Refused) async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send(request.bytes)
    let answer = client.answer()
    #expect(request.statuses.contains(answer?.status ?? 0), "answered \(answer?.status ?? 0)")
    #expect(answer?.closes == true)
    #expect(client.isAtEnd())
    #expect(try await server.loop.call { server.log.answers } == [])
    #expect(try await server.loop.call { server.log.refusals.count } == 1)
  }

  @Test("405 names the methods that the path has")
  func allow() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("DELETE /things/1 HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.answer()?.fields["allow"] == "GET, PUT, HEAD")
  }

  @Test("413 comes before the body is sent: no 100 Continue first")
  func tooLargeBeforeTheBody() async throws {
    let server = try await TestServer()
    let client = server.client()
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3001\r\n\r\n")
    #expect(client.answer()?.status == 413)
  }
}
