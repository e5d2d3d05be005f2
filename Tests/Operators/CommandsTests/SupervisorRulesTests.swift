import Commands
import Testing

@Suite struct SupervisorRulesTests {
  typealias Rules = SupervisorRules
  private static let parts: [Rules.Part] = [
    .init("postgres"), .init("controller", after: ["postgres"]), .init("executor", after: ["controller"]),
    .init("gateway", after: ["controller"]),
  ]

  private func started() -> Rules {
    var rules = Rules(parts: Self.parts, drainMilliseconds: 20_000)
    _ = rules.decide(.begin, atMilliseconds: 0)
    _ = rules.decide(.ready("postgres"), atMilliseconds: 0)
    _ = rules.decide(.ready("controller"), atMilliseconds: 0)
    _ = rules.decide(.platformReady, atMilliseconds: 0)
    return rules
  }

  @Test func aPartStartsWhenAllThatItWaitsForWasReady() {
    var rules = Rules(
      parts: [
        .init("broker"), .init("postgres", after: ["cluster"]), .init("executor", after: ["broker"]),
        .init("gateway", after: ["broker", "postgres"]),
      ], drainMilliseconds: 20_000)
    #expect(rules.decide(.begin, atMilliseconds: 0) == [.start("broker")])
    #expect(rules.decide(.ready("broker"), atMilliseconds: 1) == [.start("executor")])
    #expect(rules.decide(.ready("cluster"), atMilliseconds: 2) == [.start("postgres")], "which is no part")
    #expect(rules.decide(.ready("postgres"), atMilliseconds: 3) == [.start("gateway")])
  }

  @Test func aPartHoldsBackThoseThatWaitForIt() {
    var rules = Rules(parts: Self.parts, drainMilliseconds: 20_000)
    #expect(rules.decide(.begin, atMilliseconds: 0) == [.start("postgres")])
    #expect(rules.decide(.ready("postgres"), atMilliseconds: 10) == [.start("controller")])
    #expect(rules.decide(.ready("postgres"), atMilliseconds: 11) == [], "said again, it starts nothing")
    #expect(rules.decide(.ready("controller"), atMilliseconds: 20) == [.start("executor"), .start("gateway")])
  }

  @Test func thePausesBetweenStartsDoubleAndHealthForgetsThem() {
    var rules = started()
    var now: Int64 = 0
    for delay: Int64 in [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000] {
      #expect(rules.decide(.ended("executor"), atMilliseconds: now) == [.wake(atMilliseconds: now + delay)])
      #expect(rules.decide(.tick, atMilliseconds: now + delay - 1) == [])
      now += delay
      #expect(rules.decide(.tick, atMilliseconds: now) == [.start("executor")])
    }
    now += Rules.Limits.healthyMilliseconds
    #expect(rules.decide(.ended("executor"), atMilliseconds: now) == [.wake(atMilliseconds: now + 250)])
  }

  @Test func onePartsEndTouchesNoOther() {
    var rules = started()
    #expect(rules.decide(.ended("postgres"), atMilliseconds: 5) == [.wake(atMilliseconds: 255)])
    #expect(rules.decide(.ended("gateway"), atMilliseconds: 6) == [.wake(atMilliseconds: 256)])
    #expect(rules.decide(.tick, atMilliseconds: 300) == [.start("postgres"), .start("gateway")])
    #expect(rules.decide(.ready("postgres"), atMilliseconds: 310) == [])
  }

  @Test func stoppingGoesInReverseOneAfterTheOther() {
    var rules = started()
    #expect(rules.decide(.stop, atMilliseconds: 100) == [.drain("gateway"), .wake(atMilliseconds: 20_100)])
    #expect(
      rules.decide(.ended("gateway"), atMilliseconds: 110) == [.drain("executor"), .wake(atMilliseconds: 20_110)])
    #expect(rules.decide(.ended("postgres"), atMilliseconds: 111) == [], "one that ends meanwhile is gone")
    #expect(
      rules.decide(.ended("executor"), atMilliseconds: 120) == [.drain("controller"), .wake(atMilliseconds: 20_120)])
    #expect(rules.decide(.ended("controller"), atMilliseconds: 130) == [.finish(.drained)])
    #expect(rules.decide(.tick, atMilliseconds: 20_100) == [])
  }

  @Test func whatWaitsForItsRestartIsNotStartedWhileStopping() {
    var rules = started()
    _ = rules.decide(.ended("gateway"), atMilliseconds: 0)
    #expect(rules.decide(.stop, atMilliseconds: 1) == [.drain("executor"), .wake(atMilliseconds: 20_001)])
    #expect(rules.decide(.tick, atMilliseconds: 250) == [])
  }

  /// A gateway that takes nearly all of its time must not leave the others next to nothing.
  @Test func eachPartHasTheWholeDrainTimeToItself() {
    var rules = started()
    #expect(rules.decide(.stop, atMilliseconds: 0) == [.drain("gateway"), .wake(atMilliseconds: 20_000)])
    #expect(
      rules.decide(.ended("gateway"), atMilliseconds: 19_000) == [.drain("executor"), .wake(atMilliseconds: 39_000)])
    #expect(rules.decide(.tick, atMilliseconds: 20_000) == [], "the gateway's deadline is the gateway's alone")
    #expect(
      rules.decide(.ended("executor"), atMilliseconds: 38_000) == [
        .drain("controller"), .wake(atMilliseconds: 58_000),
      ])
    #expect(rules.decide(.tick, atMilliseconds: 39_000) == [])
    #expect(rules.decide(.tick, atMilliseconds: 58_000) == [.kill("postgres"), .kill("controller")])
  }

  @Test func aDrainThatTakesTooLongIsEnded() {
    var rules = started()
    _ = rules.decide(.stop, atMilliseconds: 0)
    _ = rules.decide(.ended("gateway"), atMilliseconds: 1)
    #expect(
      rules.decide(.tick, atMilliseconds: 20_001) == [.kill("postgres"), .kill("controller"), .kill("executor")])
    #expect(rules.decide(.ended("executor"), atMilliseconds: 20_001) == [])
    #expect(rules.decide(.ended("controller"), atMilliseconds: 20_002) == [])
    #expect(rules.decide(.ended("postgres"), atMilliseconds: 20_003) == [.finish(.killed)])
  }

  @Test func aSecondStopEndsEverythingAtOnce() {
    var rules = started()
    _ = rules.decide(.stop, atMilliseconds: 0)
    #expect(
      rules.decide(.stop, atMilliseconds: 1) == [
        .kill("postgres"), .kill("controller"), .kill("executor"), .kill("gateway"),
      ])
  }

  @Test func aPartThatNeverComesUpEndsTheStart() {
    var rules = Rules(parts: Self.parts, drainMilliseconds: 20_000)
    _ = rules.decide(.begin, atMilliseconds: 0)
    _ = rules.decide(.ready("postgres"), atMilliseconds: 0)
    var now: Int64 = 0
    for _ in 1..<Rules.Limits.failuresAtStart {
      guard case .wake(let time) = rules.decide(.ended("controller"), atMilliseconds: now).first else {
        Issue.record("no restart")
        return
      }
      now = time
      #expect(rules.decide(.tick, atMilliseconds: now) == [.start("controller")])
    }
    #expect(
      rules.decide(.ended("controller"), atMilliseconds: now) == [
        .drain("postgres"), .wake(atMilliseconds: now + 20_000),
      ])
    #expect(rules.decide(.ended("postgres"), atMilliseconds: now + 1) == [.finish(.gaveUp(on: "controller"))])
  }

  @Test func stoppingBeforeAnythingRunsFinishesAtOnce() {
    var rules = Rules(parts: Self.parts, drainMilliseconds: 20_000)
    #expect(rules.decide(.stop, atMilliseconds: 0) == [.finish(.drained)])
    #expect(rules.decide(.begin, atMilliseconds: 1) == [])
  }

  /// Any order of events: nothing is started twice, nothing is started while stopping, and it finishes once.
  @Test(arguments: 0..<200) func anyOrderOfEventsKeepsTheBooks(_ seed: Int) {
    var generator = Seeded(state: UInt64(seed))
    var rules = Rules(parts: Self.parts, drainMilliseconds: 1000)
    var running: Set<String> = []
    var finishes = 0
    var isStopping = false
    var now: Int64 = 0
    func apply(_ event: Rules.Event) {
      if event == .stop { isStopping = true }
      for decision in rules.decide(event, atMilliseconds: now) {
        switch decision {
        case .start(let name):
          #expect(running.insert(name).inserted && !isStopping && finishes == 0, "seed \(seed)")
        case .drain(let name), .kill(let name):
          isStopping = true
          #expect(running.contains(name), "seed \(seed)")
        case .wake(let time): #expect(time >= now)
        case .finish:
          finishes += 1
          isStopping = true
          #expect(running.isEmpty, "seed \(seed)")
        }
      }
    }
    apply(.begin)
    for _ in 0..<60 {
      now += Int64.random(in: 0...4000, using: &generator)
      switch Int.random(in: 0...6, using: &generator) {
      case 0, 1: apply(.tick)
      case 2: if let name = running.sorted().first { apply(.ready(name)) }
      case 3: apply(.platformReady)
      case 4 where Int.random(in: 0...9, using: &generator) == 0: apply(.stop)
      default:
        if let name = running.sorted().randomElement(using: &generator) {
          running.remove(name)
          apply(.ended(name))
        }
      }
    }
    apply(.stop)
    apply(.stop)
    while let name = running.popFirst() { apply(.ended(name)) }
    #expect(finishes == 1, "seed \(seed)")
  }
}

/// SplitMix64: the same numbers for the same seed.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
