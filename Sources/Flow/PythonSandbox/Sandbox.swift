internal import EventLoop
internal import Processes

/// One isolated interpreter with one function in it. ``SandboxHost`` makes it.
///
/// Confined to the loop, which is what makes it Sendable.
package final class Sandbox: @unchecked Sendable {
  struct Pending {
    let number: UInt32
    let finished: (SandboxVerdict) -> Void
  }

  enum Phase {
    /// Entering its namespaces.
    case isolating
    /// Importing the function's module.
    case importing
    case ready
    /// Killed, not yet reaped.
    case dying
    case dead
  }

  /// Why it was killed.
  enum Cause {
    case destroyed
    case timedOut
    case misbehaved(String)
    case initFailed(FunctionError)
    case isolationFailed(String)
  }

  /// Called on the loop with what the function wrote to stdout and stderr, in order. Everything written before a response
  /// comes before the verdict on it. Set it in the `started` callback.
  package var output: (ArraySlice<UInt8>) -> Void = { _ in }
  /// Called on the loop once, when the sandbox is dead and nothing of it is left, after the verdicts on its invocations.
  package var died: () -> Void = {}
  /// What it runs.
  package let specification: SandboxSpecification
  /// Whether an invocation can still be given to it.
  package var isAlive: Bool { phase == .importing || phase == .ready }
  /// Invocations given to it and not yet answered.
  package var queuedInvocations: Int { pending.count }
  /// The number of its first process, for operators.
  package var processID: Int32 { process?.processID ?? -1 }

  let loop: EventLoop
  let options: SandboxOptions
  let group: SandboxControlGroup
  let channel: SandboxChannel
  let pipe: SandboxOutput
  var process: ChildProcess?
  var phase = Phase.isolating
  var phaseWhenKilled = Phase.isolating
  var cause: Cause?
  var pending: [Pending] = []
  var lastNumber: UInt32 = 0
  var began = LoopInstant.current()
  var initMicroseconds: Int?
  /// Processes refused before the invocation that runs.
  var refusedProcessesBefore = 0
  /// How importing the module failed, while no invocation has been told.
  var initVerdict: SandboxVerdict?
  var deadline: SandboxDeadline
  var started: ((Swift.Result<Sandbox, SandboxError>) -> Void)?
  var gone: (Sandbox) -> Void = { _ in }

  init(
    _ specification: SandboxSpecification, options: SandboxOptions, group: SandboxControlGroup, channel: SandboxChannel,
    pipe: SandboxOutput, on loop: EventLoop
  ) {
    self.specification = specification
    self.options = options
    self.group = group
    self.channel = channel
    self.pipe = pipe
    self.loop = loop
    deadline = SandboxDeadline(on: loop)
  }

  /// Runs the function. `finished` is called on the loop exactly once, in the order of the calls, never from within this
  /// one. On a dead sandbox, and on one whose queue is full, the answer is ``SandboxVerdict/notStarted``; but where it died
  /// while importing the function, its first invocation gets that verdict, so that a function that cannot be imported is not
  /// started for ever.
  package func invoke(_ request: SandboxRequest, _ finished: @escaping (SandboxVerdict) -> Void) {
    precondition(loop.isCurrent)
    guard isAlive, pending.count < SandboxLimits.queuedInvocations else { return refuse(finished) }
    lastNumber &+= 1
    pending.append(Pending(number: lastNumber, finished: finished))
    var frame = SandboxFrame.invoke(number: lastNumber, request)
    frame.append(contentsOf: request.event)
    if pending.count == 1, phase == .ready { beginHead() }
    channel.send(frame)
  }

  private func refuse(_ finished: @escaping (SandboxVerdict) -> Void) {
    if phase == .dying, phaseWhenKilled == .importing, pending.isEmpty {
      return pending.append(Pending(number: 0, finished: finished))
    }
    let verdict = initVerdict ?? .notStarted
    initVerdict = nil
    loop.nextRound { finished(verdict) }
  }

  /// Kills it. What is queued, the running one included, is answered with ``SandboxVerdict/notStarted``. Harmless when
  /// repeated.
  package func destroy() {
    precondition(loop.isCurrent)
    kill(.destroyed)
  }

  /// The first in the queue has the sandbox to itself from now on.
  func beginHead() {
    began = LoopInstant.current()
    deadline.set(began + specification.timeout) { [unowned self] in kill(.timedOut) }
  }

  /// The first cause stands.
  func kill(_ why: Cause) {
    guard phase != .dying, phase != .dead else { return }
    cause = why
    phaseWhenKilled = phase
    phase = .dying
    deadline.clear()
    process?.kill()
  }
}
