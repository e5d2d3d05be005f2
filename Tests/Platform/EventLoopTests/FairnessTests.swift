import EventLoop
import Glibc
import Testing

/// Goal: nothing that runs on the loop keeps the sockets, the timers or other threads' work waiting for ever.
@Suite struct FairnessTests {
  @Test("A socket is served while an actor on the loop is busy", .timeLimit(.minutes(1)))
  func busyActorAndSocket() async throws {
    let loop = try LoopThread.startLoop(name: "fair")
    defer { loop.stop() }
    let pinned = Pinned(loop)
    let busy = Task { await pinned.work() }
    while await pinned.steps == 0 { await Task.yield() }

    let (near, far) = makeSocketPair()
    let echoes = Gathered(0)
    try await loop.call {
      _ = try loop.watch(near, .readAndWrite) { readiness in
        guard readiness.contains(anyOf: .readable) else { return }
        var byte: UInt8 = 0
        while read(near, &byte, 1) == 1 {
          echoes.value += 1
          precondition(write(near, &byte, 1) == 1)
        }
      }
    }
    for round in 1...200 {
      var byte: UInt8 = 7
      #expect(write(far, &byte, 1) == 1)
      #expect(try await eventually(on: loop) { echoes.value == round })
    }
    await pinned.rest()
    await busy.value
    close(far)
  }

  @Test("A timer is called while an actor on the loop is busy", .timeLimit(.minutes(1)))
  func busyActorAndTimer() async throws {
    let loop = try LoopThread.startLoop(name: "fair")
    defer { loop.stop() }
    let pinned = Pinned(loop)
    let busy = Task { await pinned.work() }
    try await loop.sleep(for: .milliseconds(1))
    await pinned.rest()
    await busy.value
  }

  @Test("A chain of calls that each add the next leaves the sockets a turn", .timeLimit(.minutes(1)))
  func endlessCalls() async throws {
    let loop = try LoopThread.startLoop(name: "fair")
    defer { loop.stop() }
    let (near, far) = makeSocketPair()
    let isServed = Gathered(false)
    @Sendable func again() { if !isServed.value { loop.nextRound { again() } } }
    try await loop.call {
      _ = try loop.watch(near, .read) { _ in isServed.value = true }
      again()
    }
    var byte: UInt8 = 1
    #expect(write(far, &byte, 1) == 1)
    while try await !loop.call({ isServed.value }) {}
    close(far)
  }
}
