import HTTPServer
import SimulationKit
import Testing

/// Goal: how the network cuts a client's bytes changes nothing for the real server either.
@Suite struct SplitTests {
  @Test("Mutated requests to a real server are answered the same whole and in pieces", .timeLimit(.minutes(2)))
  func serverInvariance() async throws {
    let server = try await TestServer()
    try SeededProperty.holds(forSeeds: 150) { generator in
      let bytes = RequestCorpus.mutated(&generator)
      let whole = statuses(server, [bytes])
      let middle = Int.random(in: 0...bytes.count, using: &generator)
      let parts = statuses(server, [Array(bytes[..<middle]), Array(bytes[middle...])])
      try SeededProperty.claim(
        parts == whole, "\(parts) instead of \(whole) for \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
    #expect(try await server.eventually { $0.server.connectionCount == 0 })
  }

  private func statuses(_ server: TestServer, _ pieces: [[UInt8]]) -> [Int] {
    let client = server.client()
    for piece in pieces { client.send(piece) }
    client.finish()
    var statuses: [Int] = []
    while let answer = client.answer() {
      if answer.status != 100 { statuses.append(answer.status) }
    }
    return statuses
  }
}
