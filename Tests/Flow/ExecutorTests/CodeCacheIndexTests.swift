import MillraceDomain
import SimulationKit
import Testing

@testable import Executor

struct CodeCacheIndexTests {
  static func digest(_ number: UInt8) throws -> CodeDigest {
    try CodeDigest(bytes: [number] + [UInt8](repeating: 0, count: 31))
  }

  /// Goal: what is used longest ago goes first, and what is in use never goes.
  @Test func `what is in use stays`() throws {
    let (a, b, c, d) = (
      try CodeCacheIndexTests.digest(1), try CodeCacheIndexTests.digest(2), try CodeCacheIndexTests.digest(3),
      try CodeCacheIndexTests.digest(4)
    )
    var index = CodeCacheIndex(byteLimit: 100)
    #expect(index.insert(a, byteCount: 40).isEmpty)
    #expect(index.insert(b, byteCount: 40).isEmpty)
    index.acquire(a)
    #expect(index.insert(c, byteCount: 40) == [b])
    #expect(index.insert(d, byteCount: 90) == [c])
    #expect(index.byteCount == 130)
    index.release(a)
    #expect(index.insert(b, byteCount: 1) == [d])
    #expect(index.contains(a))
  }

  /// Goal: for any sequence: nothing in use is removed, and beyond the limit is only what is in use or newest.
  @Test func `the bound holds`() throws {
    try SeededProperty.holds { generator in
      var index = CodeCacheIndex(byteLimit: 100)
      var users: [CodeDigest: Int] = [:]
      for _ in 0..<200 {
        let digest = try CodeCacheIndexTests.digest(UInt8.random(in: 0..<30, using: &generator))
        if !index.contains(digest) {
          let removed = index.insert(digest, byteCount: Int.random(in: 1...60, using: &generator))
          try SeededProperty.claim(removed.allSatisfy { users[$0] ?? 0 == 0 }, "removed in use")
          try SeededProperty.claim(!removed.contains(digest), "removed what came")
        } else if users[digest] ?? 0 > 0, generator.isOne(in: 2) {
          index.release(digest)
          users[digest]! -= 1
        } else if users.values.reduce(0, +) < 5 {
          index.acquire(digest)
          users[digest, default: 0] += 1
        }
      }
    }
  }
}
