import EventLoop
import Glibc
import Testing

/// Goal: what is started on the loop stays on its thread, whatever it awaits.
@Suite struct ConfinementTests {
  @Test("A task that prefers the loop is back on its thread after each await")
  func tasks() async throws {
    let pool = try BlockingPool(name: "pool", threads: 1, queueLimit: 4)
    try await TestLoop.run { loop in
      #expect(loop.isCurrent)
      await Task.yield()
      #expect(loop.isCurrent)
      try await loop.sleep(for: .microseconds(1))
      #expect(loop.isCurrent)
      let wasOnTheLoop = try await pool.run { loop.isCurrent }
      #expect(!wasOnTheLoop)
      #expect(loop.isCurrent)
      await stepAside(loop)
      #expect(loop.isCurrent)
    }
  }

  @Test("Child tasks of a task on the loop run there")
  func children() async throws {
    try await TestLoop.run { loop in
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<20 {
          group.addTask {
            await Task.yield()
            return loop.isCurrent
          }
        }
        for await isOnTheLoop in group { #expect(isOnTheLoop) }
      }
    }
  }

  @Test("An actor pinned to the loop runs on its thread, whoever calls it")
  func actors() async throws {
    let loop = try LoopThread.startLoop(name: "actor")
    defer { loop.stop() }
    let pinned = Pinned(loop)
    for _ in 0..<100 {
      #expect(await pinned.isOnTheLoop())
    }
    let thread = Task(executorPreference: loop.tasks) { await pinned.isOnTheLoop() && loop.isCurrent }
    #expect(await thread.value)
  }

  @Test("A loop is not current on other threads")
  func others() async throws {
    let loop = try LoopThread.startLoop(name: "other")
    defer { loop.stop() }
    #expect(!loop.isCurrent)
    #expect(try await loop.call { loop.isCurrent })
  }
}

/// An actor whose executor is the loop.
actor Pinned {
  private nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
  private(set) var steps = 0
  var mayRest = false

  init(_ loop: EventLoop) { self.loop = loop }

  func isOnTheLoop() async -> Bool {
    let before = loop.isCurrent
    await Task.yield()
    return before && loop.isCurrent
  }

  /// Keeps the loop busy until it may rest.
  func work() async {
    while !mayRest {
      steps += 1
      await Task.yield()
    }
  }

  func rest() { mayRest = true }
}

@concurrent private func stepAside(_ loop: EventLoop) async { await Task.yield() }
