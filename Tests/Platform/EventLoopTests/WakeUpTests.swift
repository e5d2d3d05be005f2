import EventLoop
import Glibc
import Synchronization
import Testing

/// Goal: whatever other threads enqueue runs, also when it arrives just as the loop falls asleep.
@Suite struct WakeUpTests {
  static let callsPerThread = 5_000_000

  /// Two threads enqueue bursts of every size and wait for each burst's last call: between bursts the loop is asleep or
  /// about to be. A lost wake-up leaves a thread waiting, which the time limit reports.
  @Test("No wake-up is lost between two threads and the loop", .timeLimit(.minutes(2)))
  func burstsFromTwoThreads() async throws {
    let loop = try LoopThread.startLoop(name: "wake")
    defer { loop.stop() }
    let counters = [Counter(), Counter()]
    await withCheckedContinuation { continuation in
      let finished = Counter()
      for index in 0..<2 {
        startThread {
          enqueueBursts(on: loop, counting: counters[index], burstShift: index)
          if finished.value.add(1, ordering: .acquiringAndReleasing).newValue == 2 { continuation.resume() }
        }
      }
    }
    #expect(counters[0].value.load(ordering: .acquiring) == Self.callsPerThread)
    #expect(counters[1].value.load(ordering: .acquiring) == Self.callsPerThread)
  }

  @Test("A call enqueued by the maker of a loop before its thread runs is not lost", .timeLimit(.minutes(1)))
  func callsBeforeTheThreadRuns() async throws {
    for _ in 0..<200 {
      let loop = try LoopThread.startLoop(name: "early")
      let sum = try await loop.call { 42 }
      #expect(sum == 42)
      loop.stop()
    }
  }

  @Test("Work of one thread runs in the order it was enqueued")
  func order() async throws {
    try await TestLoop.run { loop in
      let seen = Gathered<[Int]>([])
      await withCheckedContinuation { continuation in
        startThread {
          for number in 0..<10_000 { loop.execute { seen.value.append(number) } }
          loop.execute { continuation.resume() }
        }
      }
      #expect(seen.value == Array(0..<10_000))
    }
  }

  @Test("A call deferred to the end of a turn runs after the turn's work and once")
  func endOfTurn() async throws {
    let loop = try LoopThread.startLoop(name: "turn")
    defer { loop.stop() }
    let seen = Gathered<[String]>([])
    try await loop.call {
      loop.atEndOfTurn { seen.value.append("end") }
      loop.nextRound { seen.value.append("next round") }
      seen.value.append("work")
    }
    try await loop.call {}
    let order = try await loop.call { seen.value }
    #expect(order.prefix(2) == ["work", "next round"])
    #expect(order.filter { $0 == "end" }.count <= 1)
    #expect(try await eventually(on: loop) { seen.value == ["work", "next round", "end"] })
  }
}

/// A number that several threads count.
final class Counter: Sendable {
  let value = Atomic<Int>(0)
}

private func enqueueBursts(on loop: EventLoop, counting counter: Counter, burstShift: Int) {
  var sent = 0
  var burst = 1 << burstShift
  while sent < WakeUpTests.callsPerThread {
    let size = min(burst, WakeUpTests.callsPerThread - sent)
    for _ in 0..<size { loop.execute { counter.value.add(1, ordering: .releasing) } }
    sent += size
    while counter.value.load(ordering: .acquiring) < sent { sched_yield() }
    burst = burst >= 512 ? 1 : burst * 2
  }
}

/// Runs `body` on a thread of its own.
func startThread(_ body: @escaping @Sendable () -> Void) {
  do { try LoopThread.start(name: "test", body) } catch { preconditionFailure("\(error)") }
}

/// Asks again, turn after turn, until the condition holds; false after 10,000 turns.
func eventually(on loop: EventLoop, _ condition: @escaping @Sendable () -> Bool) async throws -> Bool {
  for _ in 0..<10_000 where try await loop.call(condition) { return true }
  return false
}
