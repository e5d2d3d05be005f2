import EventLoop
import Lifecycle
import Testing

/// Goal: who waits for what happens once goes on when it happens, when it has happened, or when it is told to.
@Suite struct LatchTests {
  private func onLoop(_ body: @escaping @Sendable (EventLoop) async -> Void) async throws {
    let loop = try LoopThread.startLoop(name: "latch")
    defer { loop.stop() }
    await Task(executorPreference: loop.tasks) { await body(loop) }.value
  }

  @Test("opening lets all go on who wait, and whoever comes later passes", .timeLimit(.minutes(1)))
  func opening() async throws {
    try await onLoop { loop in
      let latch = Latch(loop)
      let waiters = (0..<3).map { _ in loop.spawn { await latch.wait() } }
      latch.open()
      for waiter in waiters { _ = await waiter.result }
      await latch.wait()
      await latch.waitUntilCancelled()
    }
  }

  @Test("cancelling the waiting task opens it, also where it was cancelled before", .timeLimit(.minutes(1)))
  func cancelling() async throws {
    try await onLoop { loop in
      let latch = Latch(loop)
      let waiter = loop.spawn { await latch.waitUntilCancelled() }
      let other = loop.spawn { await latch.wait() }
      waiter.cancel()
      _ = await waiter.result
      _ = await other.result
    }
  }
}
