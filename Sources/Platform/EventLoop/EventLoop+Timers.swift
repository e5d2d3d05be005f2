/// A call that is due once. ``EventLoop/schedule(after:_:)`` makes it.
package final class LoopTimer {
  let due: LoopInstant
  let sequence: UInt64
  private(set) var body: (() -> Void)?

  init(due: LoopInstant, sequence: UInt64, body: @escaping () -> Void) {
    self.due = due
    self.sequence = sequence
    self.body = body
  }

  /// Whether the call is still to come.
  package var isPending: Bool { body != nil }

  /// Takes the call back. On the loop only; harmless when it has happened or was cancelled before. What the closure
  /// captured is released at once.
  package func cancel() { body = nil }

  func take() -> (() -> Void)? {
    defer { body = nil }
    return body
  }
}

extension EventLoop {
  /// Calls `body` on the loop once, when at least `delay` has passed. Timers due at the same instant are called in the
  /// order they were made. On the loop only.
  @discardableResult
  package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> LoopTimer {
    schedule(at: LoopInstant.current() + delay, body)
  }

  /// Calls `body` on the loop once, at or after `due`.
  @discardableResult
  package func schedule(at due: LoopInstant, _ body: @escaping () -> Void) -> LoopTimer {
    precondition(isCurrent)
    return timers.add(due: due, body)
  }

  /// Timers added by a call wait for the next turn, so that a timer that re-arms itself at zero cannot hold the loop.
  func runDueTimers() {
    guard let first = timers.nextDue, first <= now else { return }
    for timer in timers.removeDue(by: now) { timer.take()?() }
  }

  /// Suspends the task for at least `duration`. From any task.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  package func sleep(for duration: Duration) async throws {
    let sleeper = Sleeper(self)
    await withTaskCancellationHandler {
      await withCheckedContinuation { sleeper.begin(duration, $0) }
    } onCancel: {
      sleeper.end()
    }
    try Task.checkCancellation()
  }
}

/// One sleeping task. Its state is touched on the loop alone; both entries only hand over to it, because the runtime calls
/// them on whichever thread starts or cancels the task.
private final class Sleeper: @unchecked Sendable {
  private let loop: EventLoop
  private var continuation: CheckedContinuation<Void, Never>?
  private var timer: LoopTimer?
  private var hasEnded = false

  init(_ loop: EventLoop) { self.loop = loop }

  func begin(_ duration: Duration, _ continuation: CheckedContinuation<Void, Never>) {
    loop.execute { [self] in
      guard !hasEnded else { return continuation.resume() }
      self.continuation = continuation
      timer = loop.schedule(after: duration) { [self] in finish() }
    }
  }

  func end() {
    loop.execute { [self] in
      hasEnded = true
      finish()
    }
  }

  private func finish() {
    timer?.cancel()
    timer = nil
    let waiting = continuation
    continuation = nil
    waiting?.resume()
  }
}
