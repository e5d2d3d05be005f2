import EventLoop
import SimulationKit
import Testing

/// Goal: timers are called once, in order, never when cancelled, and at a cost that does not grow with their number.
@Suite struct TimerTests {
  @Test("Timers are called by due instant, equal ones in the order they were made; cancelled ones never")
  func orderForManySeeds() async throws {
    let loop = try LoopThread.startLoop(name: "timers")
    defer { loop.stop() }
    try await SeededProperty.holds(forSeeds: 60) { generator in
      let plan = TimerPlan(&generator)
      let called = Gathered<[Int]>([])
      try await loop.call {
        let base = LoopInstant.current()
        let timers = plan.dueNanoseconds.enumerated().map { index, due in
          loop.schedule(at: LoopInstant(nanoseconds: base.nanoseconds + due)) { called.value.append(index) }
        }
        for index in plan.cancelled { timers[index].cancel() }
      }
      try await loop.sleep(for: .nanoseconds(TimerPlan.longestNanoseconds))
      let expected = plan.expected
      let isComplete = try await eventually(on: loop) { called.value.count >= expected.count }
      let order = try await loop.call { called.value }
      try SeededProperty.claim(isComplete && order == expected, "called \(order), expected \(expected)")
    }
  }

  @Test("A timer cancelled by an earlier one of the same instant is not called")
  func cancelledByItsNeighbour() async throws {
    let loop = try LoopThread.startLoop(name: "timers")
    defer { loop.stop() }
    let called = Gathered<[String]>([])
    try await loop.call {
      let due = LoopInstant.current()
      let second = Gathered<LoopTimer?>(nil)
      loop.schedule(at: due) {
        called.value.append("first")
        second.value?.cancel()
      }
      second.value = loop.schedule(at: due) { called.value.append("second") }
      loop.schedule(at: due) { called.value.append("third") }
    }
    #expect(try await eventually(on: loop) { called.value.count == 2 })
    #expect(try await loop.call { called.value } == ["first", "third"])
  }

  @Test("A timer that re-arms itself at zero leaves the loop to others")
  func rearming() async throws {
    let loop = try LoopThread.startLoop(name: "timers")
    defer { loop.stop() }
    let rounds = Gathered(0)
    let isDone = Gathered(false)
    @Sendable func arm() {
      loop.schedule(after: .zero) {
        rounds.value += 1
        if !isDone.value { arm() }
      }
    }
    try await loop.call { arm() }
    #expect(try await eventually(on: loop) { rounds.value > 100 })
    try await loop.call { isDone.value = true }
  }

  @Test("A cancelled timer releases what it captured at once")
  func cancellationReleases() async throws {
    let loop = try LoopThread.startLoop(name: "timers")
    defer { loop.stop() }
    let isReleased = try await loop.call {
      var captured: Counter? = Counter()
      weak let observed = captured
      let timer = loop.schedule(after: .seconds(3600)) { [captured] in _ = captured }
      captured = nil
      guard observed != nil else { return false }
      timer.cancel()
      return observed == nil
    }
    #expect(isReleased)
  }

  /// A sweep at every addition would need minutes for this.
  @Test("A hundred thousand pending timers, and as many cancelled ones, are added in no time", .timeLimit(.minutes(1)))
  func manyTimers() async throws {
    let loop = try LoopThread.startLoop(name: "timers")
    defer { loop.stop() }
    try await loop.call {
      var pending: [LoopTimer] = []
      for second in 0..<100_000 {
        pending.append(loop.schedule(after: .seconds(3600 + second)) {})
        loop.schedule(after: .seconds(60)) {}.cancel()
      }
      for timer in pending { timer.cancel() }
    }
  }
}

/// Random timers: due within two milliseconds, often at the same instant, some cancelled.
private struct TimerPlan {
  static let longestNanoseconds: Int64 = 2_000_000
  let dueNanoseconds: [Int64]
  let cancelled: Set<Int>

  init(_ generator: inout SeededGenerator) {
    let count = Int.random(in: 1...120, using: &generator)
    let distinct = Int64.random(in: 1...200, using: &generator)
    dueNanoseconds = (0..<count).map { _ in
      Int64.random(in: 0...distinct, using: &generator) * (Self.longestNanoseconds / 200)
    }
    var chosen: Set<Int> = []
    for index in 0..<count where generator.isOne(in: 4) { chosen.insert(index) }
    cancelled = chosen
  }

  var expected: [Int] {
    dueNanoseconds.indices.filter { !cancelled.contains($0) }
      .sorted { (dueNanoseconds[$0], $0) < (dueNanoseconds[$1], $1) }
  }
}
