import EventLoop
import Glibc
import Testing

/// Goal: a watched signal becomes a call on the loop instead of the end of the process.
@Suite struct SignalWatchTests {
  @Test("Watched signals arrive on the loop, one by one; after close() no more", .timeLimit(.minutes(1)))
  func signals() async throws {
    let loop = try LoopThread.startLoop(name: "signals")
    defer { loop.stop() }
    let received = Gathered<[Int32]>([])
    let watch = Gathered<SignalWatch?>(nil)
    try await loop.call {
      watch.value = try SignalWatch([SIGUSR1, SIGUSR2], on: loop) { received.value.append($0) }
      raise(SIGUSR1)  // to the loop's thread, where it is blocked: other threads of a test still die of it
    }
    #expect(try await eventually(on: loop) { received.value == [SIGUSR1] })
    try await loop.call { raise(SIGUSR2) }
    #expect(try await eventually(on: loop) { received.value == [SIGUSR1, SIGUSR2] })
    try await loop.call {
      watch.value?.close()
      watch.value?.close()
      raise(SIGUSR1)
    }
    try await loop.call {}
    #expect(try await loop.call { received.value } == [SIGUSR1, SIGUSR2])
  }
}
