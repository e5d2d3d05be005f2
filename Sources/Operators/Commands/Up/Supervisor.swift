internal import EventLoop
internal import Glibc
internal import Processes

/// Carries out what ``SupervisorRules`` decides, on processes. Confined to its loop, which makes it Sendable.
final class Supervisor: @unchecked Sendable {
  /// A part as the supervisor runs it.
  struct Part {
    let name: String
    /// What must have been ready before it is started first.
    let prerequisites: Set<String>
    /// What is to be run; asked for at each start. The descriptors are replaced.
    let specification: () -> ProcessSpecification
    /// The signal that makes it drain.
    let drainSignal: Int32
    let log: PartLog
  }

  private let loop: EventLoop
  private let parts: [Part]
  private let note: (String) -> Void
  private var rules: SupervisorRules
  private var children: [String: ChildProcess] = [:]
  private var timers: [LoopTimer] = []
  private var isStopping = false
  private var completion: CheckedContinuation<SupervisorRules.Outcome, Never>?
  private var outcome: SupervisorRules.Outcome?

  init(_ parts: [Part], drain: Duration, on loop: EventLoop, note: @escaping (String) -> Void) {
    self.loop = loop
    self.parts = parts
    self.note = note
    rules = SupervisorRules(
      parts: parts.map { .init($0.name, after: $0.prerequisites) },
      drainMilliseconds: drain.nanosecondsClamped / 1_000_000)
  }

  /// Starts everything.
  func begin() { handle(.begin) }
  /// A part, or what else parts wait for, does what it is for.
  func markReady(_ name: String) { handle(.ready(name)) }
  /// The platform runs invocations.
  func markPlatformReady() { handle(.platformReady) }
  /// Drains everything; said twice, kills everything.
  func stop() {
    isStopping = true
    handle(.stop)
  }

  /// Whether everything has ended, or is about to.
  var isEnding: Bool { isStopping || outcome != nil }
  /// The last lines of a part's log.
  func lastLines(of name: String) -> [String] { parts.first { $0.name == name }?.log.lastLines ?? [] }

  /// Waits until nothing is left.
  func finished() async -> SupervisorRules.Outcome {
    await withCheckedContinuation { continuation in
      loop.execute { [self] in
        if let outcome { continuation.resume(returning: outcome) } else { completion = continuation }
      }
    }
  }

  private func handle(_ event: SupervisorRules.Event) {
    precondition(loop.isCurrent)
    let now = LoopInstant.current().nanoseconds / 1_000_000
    for decision in rules.decide(event, atMilliseconds: now) { perform(decision, now) }
  }

  private func perform(_ decision: SupervisorRules.Decision, _ now: Int64) {
    switch decision {
    case .start(let name): if let part = parts.first(where: { $0.name == name }) { start(part) }
    case .drain(let name):
      if let part = parts.first(where: { $0.name == name }) { children[name]?.signal(part.drainSignal) }
    case .kill(let name): children[name]?.signalGroup(SIGKILL)
    case .wake(let time):
      timers.removeAll { !$0.isPending }
      timers.append(loop.schedule(after: .milliseconds(max(0, time - now) + 1)) { [self] in handle(.tick) })
    case .finish(let outcome):
      isStopping = true
      self.outcome = outcome
      for timer in timers { timer.cancel() }
      completion?.resume(returning: outcome)
      completion = nil
    }
  }

  private func start(_ part: Part) {
    var specification = part.specification()
    guard let descriptor = part.log.openPipe() else { return ended(part, "no descriptor is left") }
    defer { close(descriptor) }
    specification.descriptors = [.null, .parent(descriptor), .parent(descriptor)]
    do throws(ProcessError) {
      children[part.name] = try ChildProcess(specification, on: loop) { [self] end in
        children[part.name] = nil
        ended(part, "\(end)")
      }
    } catch {
      // Not from inside the decision that started it.
      let reason = "\(error)"
      loop.nextRound { [self] in ended(part, reason) }
    }
  }

  private func ended(_ part: Part, _ how: String) {
    part.log.closePipe()
    if !isStopping { note("\(part.name) ended (\(how)) and is started again; see its log") }
    handle(.ended(part.name))
  }
}
