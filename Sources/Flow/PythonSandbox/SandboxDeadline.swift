internal import EventLoop

/// One deadline that moves with each invocation. The timer is left where it is while the deadline moves away, so that an
/// invocation costs no timer.
struct SandboxDeadline {
  /// Shared with the timer's closure. Confined to the loop.
  private final class State {
    var due: LoopInstant?
    var passed: () -> Void = {}
    var timer: LoopTimer?
    var timerDue = LoopInstant(nanoseconds: .max)
  }

  private let loop: EventLoop
  private let state = State()

  init(on loop: EventLoop) { self.loop = loop }

  /// Calls `passed` at `due`, unless it is set anew or cleared before.
  func set(_ due: LoopInstant, passed: @escaping () -> Void) {
    state.due = due
    state.passed = passed
    if let timer = state.timer, timer.isPending, state.timerDue <= due { return }
    state.timer?.cancel()
    arm(due)
  }

  /// Forgets it for now.
  func clear() {
    state.due = nil
    state.passed = {}
  }

  /// Forgets it and its timer.
  func cancel() {
    clear()
    state.timer?.cancel()
    state.timer = nil
  }

  private func arm(_ due: LoopInstant) {
    state.timerDue = due
    state.timer = loop.schedule(at: due) { [self] in fire() }
  }

  private func fire() {
    state.timer = nil
    guard let due = state.due else { return }
    guard due <= LoopInstant.current() else { return arm(due) }
    let passed = state.passed
    clear()
    passed()
  }
}
