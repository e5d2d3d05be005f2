import EventLoop
import Testing

/// Goal: a sleeping task wakes when its time has come or when it is cancelled, and exactly once.
@Suite struct SleepTests {
  @Test("A task sleeps at least as long as it asked for")
  func sleeps() async throws {
    try await TestLoop.run { loop in
      let start = LoopInstant.current()
      try await loop.sleep(for: .milliseconds(3))
      #expect(LoopInstant.current() - start >= .milliseconds(3))
    }
  }

  @Test("A cancelled sleeper throws long before its time", .timeLimit(.minutes(1)))
  func cancelled() async throws {
    let loop = try LoopThread.startLoop(name: "sleep")
    defer { loop.stop() }
    let sleeper = Task(executorPreference: loop.tasks) { try await loop.sleep(for: .seconds(3600)) }
    try await loop.call {}
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }

  @Test("A task cancelled before it sleeps does not sleep", .timeLimit(.minutes(1)))
  func cancelledBefore() async throws {
    let loop = try LoopThread.startLoop(name: "sleep")
    defer { loop.stop() }
    let sleeper = Task(executorPreference: loop.tasks) {
      while !Task.isCancelled { await Task.yield() }
      try await loop.sleep(for: .seconds(3600))
    }
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }

  @Test("Sleepers cancelled from other threads as they fall asleep all wake", .timeLimit(.minutes(1)))
  func cancelledWhileFallingAsleep() async throws {
    let loop = try LoopThread.startLoop(name: "sleep")
    defer { loop.stop() }
    for _ in 0..<2_000 {
      let sleeper = Task(executorPreference: loop.tasks) { try await loop.sleep(for: .seconds(3600)) }
      sleeper.cancel()
      await #expect(throws: CancellationError.self) { try await sleeper.value }
    }
  }
}
