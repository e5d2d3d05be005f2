import MillraceDomain
import SimulationKit
import Testing

@testable import Executor

/// Drives a dispatcher as an executor would, with sandboxes that are slow, fail and die.
private struct Simulation {
  struct Box {
    let key: FunctionKey
    var isStarted = false
    var isDying = false
    var works: [UInt64] = []
  }

  var dispatcher: Dispatcher
  let keys: [FunctionKey]
  let concurrency: [FunctionKey: Int]
  var boxes: [UInt64: Box] = [:]
  var now = Duration.zero
  var next: UInt64 = 1
  var begun: [FunctionKey: UInt64] = [:]
  var done: Set<UInt64> = []
  var owner: [UInt64: FunctionKey] = [:]

  init(_ generator: inout SeededGenerator) throws {
    dispatcher = Dispatcher(
      limits: .init(
        capacity: Int.random(in: 1...5, using: &generator), pipeline: Int.random(in: 1...4, using: &generator),
        idleTime: .seconds(5)))
    keys = try (0..<Int.random(in: 1...8, using: &generator)).map { try DispatcherTests.key("f\($0)") }
    var limits: [FunctionKey: Int] = [:]
    for key in keys { limits[key] = Int.random(in: 0...3, using: &generator) }
    concurrency = limits
  }

  mutating func perform(_ decisions: [Dispatcher.Decision]) throws {
    for decision in decisions {
      switch decision {
      case .start(let number, let key):
        boxes[number] = Box(key: key)
      case .give(let work, let number):
        try SeededProperty.claim(boxes[number] != nil, "given to nothing")
        var box = boxes[number]!
        try SeededProperty.claim(box.isStarted && !box.isDying, "given to a sandbox that cannot take it")
        try SeededProperty.claim(box.key == owner[work], "given to another function's sandbox")
        box.works.append(work)
        try SeededProperty.claim(box.works.count <= dispatcher.limits.pipeline, "beyond the pipeline")
        boxes[number] = box
      case .evict(let number):
        try SeededProperty.claim(boxes[number]?.works.isEmpty == true, "evicted while it has work")
        boxes[number]!.isDying = true
      }
    }
    try checkBounds()
  }

  func checkBounds() throws {
    try SeededProperty.claim(boxes.count <= dispatcher.limits.capacity, "\(boxes.count) sandboxes")
    for key in keys where concurrency[key]! > 0 {
      let running = boxes.values.count { $0.key == key && !$0.isDying }
      try SeededProperty.claim(running <= concurrency[key]!, "\(running) of \(key.function) at once")
    }
  }

  mutating func arrive(_ generator: inout SeededGenerator) throws {
    let key = keys.randomElement(using: &generator)!
    owner[next] = key
    next += 1
    try perform(dispatcher.enqueue(next - 1, key, limit: concurrency[key]!, at: now))
  }

  /// One thing that a sandbox does; `isCalm`: nothing fails any more.
  mutating func advance(_ generator: inout SeededGenerator, isCalm: Bool) throws {
    now += .milliseconds(Int.random(in: 1...200, using: &generator))
    try perform(dispatcher.tick(at: now))
    guard let number = boxes.keys.sorted().randomElement(using: &generator), let box = boxes[number] else { return }
    if box.isDying {
      boxes[number] = nil
      for work in box.works { dispatcher.returned(work, from: number) }
      try perform(dispatcher.gone(number, at: now))
    } else if !box.isStarted {
      if !isCalm, generator.isOne(in: 5) {
        boxes[number] = nil
        try perform(dispatcher.startFailed(number, at: now))
      } else {
        boxes[number]!.isStarted = true
        try perform(dispatcher.started(number, at: now))
      }
    } else if let work = box.works.first {
      boxes[number]!.works.removeFirst()
      try finish(work, box.key)
      let isAlive = isCalm || !generator.isOne(in: 6)
      if !isAlive { boxes[number]!.isDying = true }
      try perform(dispatcher.finished(number, isAlive: isAlive, at: now))
    }
  }

  private mutating func finish(_ work: UInt64, _ key: FunctionKey) throws {
    try SeededProperty.claim(done.insert(work).inserted, "work \(work) is done twice")
    // With one sandbox at a time, work ends in the order in which it came.
    guard concurrency[key] == 1 else { return }
    try SeededProperty.claim(begun[key] ?? 0 < work, "\(work) after \(begun[key] ?? 0)")
    begun[key] = work
  }
}

struct DispatcherPropertyTests {
  /// Goal: whatever happens to sandboxes, the bounds hold, nothing is lost or run twice, order holds where there is one at a
  /// time, and in the end everything that waited has run: nobody starves.
  @Test func `nothing is lost and nobody starves`() throws {
    try SeededProperty.holds(forSeeds: 400) { generator in
      var simulation = try Simulation(&generator)
      for _ in 0..<300 {
        if generator.isOne(in: 2) { try simulation.arrive(&generator) }
        try simulation.advance(&generator, isCalm: false)
      }
      var steps = 0
      while simulation.done.count + 1 < simulation.next {
        steps += 1
        try SeededProperty.claim(steps < 20_000, "\(simulation.dispatcher.waitingCount) still wait")
        try simulation.advance(&generator, isCalm: true)
      }
    }
  }

  /// Goal: while one function never lets up, every other one gets its turn.
  @Test func `a flood does not starve others`() throws {
    try SeededProperty.holds(forSeeds: 50) { generator in
      var simulation = try Simulation(&generator)
      guard simulation.keys.count > 1 else { return }
      let flood = simulation.keys[0]
      for key in simulation.keys.dropFirst() {
        simulation.owner[simulation.next] = key
        simulation.next += 1
        try simulation.perform(
          simulation.dispatcher.enqueue(
            simulation.next - 1, key, limit: simulation.concurrency[key]!, at: simulation.now))
      }
      let others = Set(simulation.owner.keys)
      var steps = 0
      while !others.isSubset(of: simulation.done) {
        steps += 1
        try SeededProperty.claim(steps < 5_000, "others wait while one floods")
        if simulation.dispatcher.waitingCount < 50 {
          simulation.owner[simulation.next] = flood
          simulation.next += 1
          try simulation.perform(
            simulation.dispatcher.enqueue(
              simulation.next - 1, flood, limit: simulation.concurrency[flood]!, at: simulation.now))
        }
        try simulation.advance(&generator, isCalm: true)
      }
    }
  }
}
