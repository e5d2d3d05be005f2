import SimulationKit
import Testing

@testable import HTTPServer

/// Goal: no bytes break the parser, and how they are cut into pieces changes nothing.
@Suite struct ParserPropertyTests {
  @Test("Mutated requests, in any pieces, have the outcome they have as one piece")
  func splitInvariance() throws {
    try SeededProperty.holds(forSeeds: 4000) { generator in
      let bytes = RequestCorpus.mutated(&generator)
      let whole = outcome(of: [bytes])
      for _ in 0..<4 {
        let pieces = cut(bytes, &generator)
        let parts = outcome(of: pieces)
        try SeededProperty.claim(
          parts == whole,
          "\(pieces.map(\.count)) of \(String(decoding: bytes, as: UTF8.self).debugDescription): \(parts) instead of \(whole)"
        )
      }
      let single = outcome(of: bytes.map { [$0] })
      try SeededProperty.claim(single == whole, "byte by byte: \(single) instead of \(whole)")
    }
  }

  @Test("Requests without mutation are read to their end")
  func unmutated() {
    for request in RequestCorpus.requests {
      #expect(outcome(of: [Array(request.utf8)]).last?.hasPrefix("end") == true, "\(request.debugDescription)")
    }
  }

  /// What the parser says of the pieces, fed as a connection would: what is not consumed is shown again with what follows.
  private func outcome(of pieces: [[UInt8]]) -> [String] {
    var parser = RequestParser(limits: HTTPLimits())
    var said: [String] = []
    var body = 0
    var waiting: [UInt8] = []
    for piece in pieces {
      waiting += piece
      var used = 0
      feeding: while true {
        var consumed = 0
        do throws(HTTPRefusal) {
          let rest = waiting.span.extracting(droppingFirst: used)
          switch try parser.next(rest, consumed: &consumed) {
          case .needsMore: break feeding
          case .framing: break
          case .head: said.append("head \(consumed) \(parser.head.fields.count) \(parser.head.path)")
          case .body(let range): body += range.count
          case .end:
            said.append("end \(body)")
            body = 0
          }
          used += consumed
        } catch {
          return said + ["\(error.code.status) \(error.detail)"]
        }
      }
      waiting.removeFirst(used)
    }
    return said
  }

  private func cut(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var start = 0
    let longest = Int.random(in: 1...max(1, bytes.count), using: &generator)
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 1...longest, using: &generator))
      pieces.append(Array(bytes[start..<end]))
      start = end
    }
    return pieces
  }
}

/// Requests to start from, and ways to spoil them.
enum RequestCorpus {
  static let requests = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nPOST /v1/functions/f/invocations?x=%20y HTTP/1.1\r\nHost: a:80\r\nContent-Length: 5\r\n\r\nhello",
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "PUT http://a/b HTTP/1.1\r\nhost: [::1]\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n",
    "POST /c HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /d HTTP/1.1\r\nHost: d\r\n\r\n",
  ]

  private static let pieces = [
    "\r\n", "\n", "\r", ":", " ", "\t", "\0", "%00", "%", "chunked", "Content-Length: 3\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Host: b\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n", "HTTP/1.1", "/", ";", ",", "\u{ff}",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    String(repeating: "a", count: 9000), String(repeating: "X: y\r\n", count: 101),
  ]

  static func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = Array(requests.randomElement(using: &generator)!.utf8)
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: bytes.insert(contentsOf: Array(pieces.randomElement(using: &generator)!.utf8), at: place)
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + 8))
      default: bytes.insert(contentsOf: generator.bytes(count: 0...3), at: place)
      }
    }
    return bytes
  }
}
