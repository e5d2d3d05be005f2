import EventLoop
import Glibc
import Synchronization
import Testing

/// Goal: blocking calls run elsewhere, bounded in number, and none is lost.
@Suite struct BlockingPoolTests {
  @Test("One call more than the queue holds is refused as queueFull, and may be tried again")
  func limit() async throws {
    let pool = try BlockingPool(name: "pool", threads: 1, queueLimit: 2)
    let gate = Gate()
    let busy = Task { try await pool.run { gate.wait() } }
    while !gate.isReached { await Task.yield() }
    let accepted = Counter()
    let refused = Counter()
    await withTaskGroup { group in
      for _ in 0..<6 {
        group.addTask {
          do {
            try await pool.run { _ = accepted.value.add(1, ordering: .relaxed) }
          } catch let error as EventLoopError {
            #expect(error.code == .queueFull)
            if refused.value.add(1, ordering: .relaxed).newValue == 4 { gate.open() }
          } catch {
            Issue.record(error)
          }
        }
      }
    }
    #expect(accepted.value.load(ordering: .relaxed) == 2)
    #expect(refused.value.load(ordering: .relaxed) == 4)
    try await busy.value
    try await pool.run {}
  }

  @Test("What was queued runs also when the pool is released")
  func release() async throws {
    var pool: BlockingPool? = try BlockingPool(name: "pool", threads: 1, queueLimit: 8)
    let gate = Gate()
    let ran = Counter()
    let calls = (0..<4).map { [pool] _ in
      Task {
        try await pool!.run {
          gate.wait()
          ran.value.add(1, ordering: .relaxed)
        }
      }
    }
    while !gate.isReached { await Task.yield() }
    pool = nil
    gate.open()
    for call in calls { try await call.value }
    #expect(ran.value.load(ordering: .relaxed) == 4)
  }

  @Test("What a call throws reaches its caller")
  func errors() async throws {
    let pool = try BlockingPool(name: "pool", threads: 2, queueLimit: 8)
    await #expect(throws: CancellationError.self) { try await pool.run { throw CancellationError() } }
    #expect(try await pool.run { 6 * 7 } == 42)
  }
}

/// Holds a thread until it is opened.
private final class Gate: Sendable {
  private let isOpen = Atomic<Bool>(false)
  private let reached = Atomic<Bool>(false)

  var isReached: Bool { reached.load(ordering: .acquiring) }

  func wait() {
    reached.store(true, ordering: .releasing)
    while !isOpen.load(ordering: .acquiring) { sched_yield() }
  }

  func open() { isOpen.store(true, ordering: .releasing) }
}
