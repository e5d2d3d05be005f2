import EventLoop
import Glibc
import Synchronization
import Testing

/// Goal: a loop ends when it is told to, and leaves nothing behind.
@Suite struct ShutdownTests {
  @Test("run() returns what the program's task returned, after its work", .timeLimit(.minutes(1)))
  func program() async throws {
    let code = try await BlockingPool(name: "main", threads: 1, queueLimit: 1).run {
      try EventLoop.run(name: "program") { loop in
        await Task.yield()
        return loop.isCurrent ? 7 : 1
      }
    }
    #expect(code == 7)
  }

  @Test("A loop asleep without a timer stops at once", .timeLimit(.minutes(1)))
  func asleep() async throws {
    for _ in 0..<200 {
      let loop = try LoopThread.startLoop(name: "stop")
      weak let observed = loop
      #expect(observed != nil)
      loop.stop()
    }
  }

  /// Each loop holds two descriptors; so many leaked ones would push the next number up.
  @Test("Stopped loops give their descriptors back", .timeLimit(.minutes(1)))
  func descriptors() async throws {
    let count = 400
    let before = nextDescriptor()
    for _ in 0..<count {
      let code = try await BlockingPool(name: "main", threads: 1, queueLimit: 1).run {
        try EventLoop.run(name: "brief") { _ in 0 }
      }
      #expect(code == 0)
    }
    #expect(nextDescriptor() < before + Int32(count))
  }

  @Test("Work enqueued before stop() runs")
  func lastWork() async throws {
    let loop = try LoopThread.startLoop(name: "last")
    let ran = Counter()
    await withCheckedContinuation { continuation in
      loop.execute {
        loop.nextRound {
          ran.value.add(1, ordering: .relaxed)
          continuation.resume()
        }
        loop.stop()
      }
    }
    #expect(ran.value.load(ordering: .relaxed) == 1)
  }

  private func nextDescriptor() -> Int32 {
    let copy = dup(0)
    precondition(copy >= 0)
    close(copy)
    return copy
  }
}
