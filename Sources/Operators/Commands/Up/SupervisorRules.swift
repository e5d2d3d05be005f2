/// Decides what `up` starts, restarts and stops, and when. Pure: times come with the events, in milliseconds.
///
/// A part starts when all that it waits for was ready once: other parts, or what else the start makes. One that ends is started
/// again after 250 ms, doubling to 10 s; 30 s of life make it 250 ms again. Before the platform has been ready once, a part that
/// ends six times in a row stops everything. Stopping goes in reverse order, one after the other, each with the whole drain
/// time to itself: a gateway that takes long leaves the executor no less.
package struct SupervisorRules: Sendable {
  /// The times and counts that the rules go by.
  package enum Limits {
    /// Before the first restart.
    package static let firstDelayMilliseconds: Int64 = 250
    /// Before any restart, at most.
    package static let longestDelayMilliseconds: Int64 = 10_000
    /// Life after which earlier failures are forgotten.
    package static let healthyMilliseconds: Int64 = 30_000
    /// Ends in a row at which the start is given up.
    package static let failuresAtStart = 6
  }

  /// A process that is looked after.
  package struct Part: Sendable, Equatable {
    /// Its name.
    package let name: String
    /// What must have been ready before it is started first: parts, or anything else that is reported by name.
    package let prerequisites: Set<String>
    /// A part.
    package init(_ name: String, after prerequisites: Set<String> = []) {
      self.name = name
      self.prerequisites = prerequisites
    }
  }

  /// What happens.
  package enum Event: Sendable, Equatable {
    /// Everything is to run.
    case begin
    /// Time has passed.
    case tick
    /// A part, or what else parts wait for, does what it is for.
    case ready(String)
    /// The whole platform is ready: invocations run.
    case platformReady
    /// A part has ended, or could not be started.
    case ended(String)
    /// Everything is to stop; said twice, at once.
    case stop
  }

  /// What is to be done.
  package enum Decision: Sendable, Equatable {
    /// Start a part.
    case start(String)
    /// Tell a part to finish what it has begun, and end.
    case drain(String)
    /// End a part at once.
    case kill(String)
    /// Send a tick at that time.
    case wake(atMilliseconds: Int64)
    /// Nothing is left to look after.
    case finish(Outcome)
  }

  /// How it ended.
  package enum Outcome: Sendable, Equatable {
    /// Everything has drained, as asked.
    case drained
    /// Something had to be killed: it did not drain in time, or a second stop came.
    case killed
    /// A part did not start.
    case gaveUp(on: String)
  }

  private enum State: Sendable, Equatable {
    case notStarted
    case running(sinceMilliseconds: Int64)
    /// Running, and told to drain.
    case draining
    case waiting(untilMilliseconds: Int64)
    case gone
  }

  private struct Entry: Sendable {
    let part: Part
    var state = State.notStarted
    var failures = 0
  }

  private var entries: [Entry]
  private var wereReady: Set<String> = []
  private let drainMilliseconds: Int64
  private var platformWasReady = false
  private var outcome: Outcome?
  private var deadlineMilliseconds: Int64?
  private var hasFinished = false

  /// Rules for parts, each behind those that it needs while it drains, each of which may take so long to drain.
  package init(parts: [Part], drainMilliseconds: Int64) {
    entries = parts.map { Entry(part: $0) }
    self.drainMilliseconds = drainMilliseconds
  }

  /// What is to be done about an event.
  package mutating func decide(_ event: Event, atMilliseconds now: Int64) -> [Decision] {
    switch event {
    case .begin: return startNext(now)
    case .tick: return tick(now)
    case .ready(let name):
      wereReady.insert(name)
      return startNext(now)
    case .platformReady:
      platformWasReady = true
      return []
    case .ended(let name): return ended(name, now)
    case .stop: return stop(.drained, now)
    }
  }

  private func index(of name: String) -> Int? { entries.firstIndex { $0.part.name == name } }

  private mutating func startNext(_ now: Int64) -> [Decision] {
    guard outcome == nil else { return [] }
    var decisions: [Decision] = []
    for index in entries.indices where entries[index].state == .notStarted {
      guard entries[index].part.prerequisites.isSubset(of: wereReady) else { continue }
      decisions += start(index, now)
    }
    return decisions
  }

  private mutating func start(_ index: Int, _ now: Int64) -> [Decision] {
    entries[index].state = .running(sinceMilliseconds: now)
    return [.start(entries[index].part.name)]
  }

  private mutating func tick(_ now: Int64) -> [Decision] {
    if let deadlineMilliseconds, now >= deadlineMilliseconds { return killAll() }
    var decisions: [Decision] = []
    for index in entries.indices {
      if case .waiting(let until) = entries[index].state, until <= now { decisions += start(index, now) }
    }
    return decisions
  }

  private mutating func ended(_ name: String, _ now: Int64) -> [Decision] {
    guard let index = index(of: name), !hasFinished else { return [] }
    guard outcome == nil else {
      entries[index].state = .gone
      return goOnStopping(now)
    }
    guard case .running(let since) = entries[index].state else { return [] }
    if now - since >= Limits.healthyMilliseconds { entries[index].failures = 0 }
    entries[index].failures += 1
    if !platformWasReady, entries[index].failures >= Limits.failuresAtStart {
      entries[index].state = .gone
      return stop(.gaveUp(on: name), now)
    }
    let doublings = min(entries[index].failures - 1, 10)
    let delay = min(Limits.longestDelayMilliseconds, Limits.firstDelayMilliseconds << Int64(doublings))
    entries[index].state = .waiting(untilMilliseconds: now + delay)
    return [.wake(atMilliseconds: now + delay)]
  }

  private mutating func stop(_ outcome: Outcome, _ now: Int64) -> [Decision] {
    guard self.outcome == nil else { return killAll() }
    self.outcome = outcome
    for index in entries.indices {
      switch entries[index].state {
      case .notStarted, .waiting: entries[index].state = .gone
      case .running, .draining, .gone: break
      }
    }
    return goOnStopping(now)
  }

  /// Tells the last part that runs to drain, by when its own time is over, or finishes where none does.
  private mutating func goOnStopping(_ now: Int64) -> [Decision] {
    guard let index = entries.lastIndex(where: { $0.state != .gone }) else {
      guard !hasFinished else { return [] }
      hasFinished = true
      return [.finish(outcome ?? .drained)]
    }
    guard entries[index].state != .draining else { return [] }
    entries[index].state = .draining
    deadlineMilliseconds = now + drainMilliseconds
    return [.drain(entries[index].part.name), .wake(atMilliseconds: now + drainMilliseconds)]
  }

  private mutating func killAll() -> [Decision] {
    if outcome == .drained { outcome = .killed }
    deadlineMilliseconds = nil
    return entries.indices.filter { entries[$0].state != .gone }.map { index in
      entries[index].state = .draining
      return .kill(entries[index].part.name)
    }
  }
}
