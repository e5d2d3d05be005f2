internal import CLinux
internal import CProcesses
package import EventLoop
internal import Glibc

/// A process that this one started, watched through a pidfd on a loop.
///
/// It is reaped when it ends, whether or not anybody still holds this object: the loop does until then. Confined to the
/// loop, which is what makes it Sendable.
package final class ChildProcess: @unchecked Sendable {
  /// The process's number. After its end it may be another's: signal through this object.
  package let processID: Int32
  /// How it ended; nil while it runs.
  package private(set) var status: ProcessEnd?

  private let loop: EventLoop
  private let pidfd: Int32
  private let session: ProcessSpecification.Session
  private let leftovers: ProcessSpecification.Leftovers
  private var registration: Registration?
  private var waiters: [(ProcessEnd) -> Void] = []

  /// Starts the process and returns when its program has been executed. On the loop only.
  ///
  /// - Parameters:
  ///   - preparation: what the child does to itself before its descriptors and identity are changed.
  ///   - exited: called on the loop once, when it has ended.
  /// - Throws: ``ProcessError`` naming the step that failed; nothing is left behind.
  package init(
    _ specification: ProcessSpecification, preparedBy preparation: ProcessPreparation? = nil, on loop: EventLoop,
    exited: @escaping (ProcessEnd) -> Void = { _ in }
  ) throws(ProcessError) {
    precondition(loop.isCurrent)
    let (processID, pidfd) = try specification.spawn(preparedBy: preparation)
    self.processID = processID
    self.pidfd = pidfd
    self.loop = loop
    session = specification.session
    leftovers = specification.leftovers
    waiters = [exited]
    try watch(name: specification.program)
  }

  /// Watches a process that was started by other means and is this process's child; takes over its pidfd.
  ///
  /// - Throws: ``ProcessError`` where it cannot be watched; it has been killed and reaped then.
  package init(
    adopting processID: Int32, pidfd: Int32, on loop: EventLoop, exited: @escaping (ProcessEnd) -> Void
  ) throws(ProcessError) {
    precondition(loop.isCurrent)
    self.processID = processID
    self.pidfd = pidfd
    self.loop = loop
    session = .inherited
    leftovers = .goOn
    waiters = [exited]
    try watch(name: "process \(processID)")
  }

  private func watch(name: String) throws(ProcessError) {
    do {
      registration = try loop.watch(pidfd, .read) { [self] _ in reap() }
    } catch {
      cprocesses_signal(pidfd, SIGKILL)
      while !hasReaped() { sched_yield() }
      Glibc.close(pidfd)
      throw ProcessError(program: name, step: error.call, number: error.number)
    }
  }

  /// Asks the process to end (SIGTERM). Nothing happens when it has ended.
  package func terminate() { signal(SIGTERM) }

  /// Ends the process (SIGKILL). Nothing happens when it has ended.
  package func kill() { signal(SIGKILL) }

  /// Sends a signal. Nothing happens when the process has ended.
  package func signal(_ number: Int32) {
    precondition(loop.isCurrent)
    guard status == nil else { return }
    cprocesses_signal(pidfd, number)
  }

  /// Sends a signal to the process and, where it has a session of its own, to all it started in its process group. Nothing
  /// happens when it has ended.
  package func signalGroup(_ number: Int32) {
    precondition(loop.isCurrent)
    guard status == nil else { return }
    switch session {
    case .own: Glibc.kill(-processID, number)
    case .inherited: signal(number)
    }
  }

  /// Waits for the end of the process.
  package func exit() async -> ProcessEnd {
    await withCheckedContinuation { continuation in
      loop.execute { [self] in
        if let status { return continuation.resume(returning: status) }
        waiters.append { continuation.resume(returning: $0) }
      }
    }
  }

  private func reap() {
    switch (leftovers, session) {
    // Before it is reaped: until then its number cannot be another's.
    case (.areKilled, .own): Glibc.kill(-processID, SIGKILL)
    case (.areKilled, .inherited), (.goOn, _): break
    }
    guard hasReaped(), let status else { return }
    if let registration { loop.unwatch(registration) }
    registration = nil
    Glibc.close(pidfd)
    let calls = waiters
    waiters = []
    for call in calls { call(status) }
  }

  private func hasReaped() -> Bool {
    guard status == nil else { return false }
    var code: Int32 = 0
    var number: Int32 = 0
    switch unsafe cprocesses_reap(pidfd, &code, &number) {
    case 1: status = code == Int32(CLD_EXITED) ? .exited(number) : .killed(signal: number)
    case 0: return false
    // Somebody else reaped it (SIGCHLD ignored): the process is gone and its status unknown.
    case _: status = .exited(-1)
    }
    return true
  }
}
