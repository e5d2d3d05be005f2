internal import EventLoop

/// What the recorder is to do next, by timers and by what has been read. One thing at a time, batches first. Confined to its
/// loop.
final class RecorderWork {
  enum Due { case batch, balance, months }

  private let loop: EventLoop
  private var isBatchDue = false
  private var isBalanceDue = false
  private var areMonthsDue = false
  private var isStopped = false
  private var batchTimer: LoopTimer?
  private var balanceTimer: LoopTimer?
  private var monthsTimer: LoopTimer?
  private var waiter: CheckedContinuation<Void, Never>?

  init(_ loop: EventLoop) { self.loop = loop }

  /// Starts the timers of a session.
  func begin() {
    balanceTimer = loop.schedule(after: RecorderLimits.balanceInterval) { [weak self] in self?.balanceIsDue() }
    monthsTimer = loop.schedule(after: RecorderLimits.monthsInterval) { [weak self] in self?.monthsAreDue() }
  }

  /// Forgets everything but that it is to stop.
  func end() {
    for timer in [batchTimer, balanceTimer, monthsTimer] { timer?.cancel() }
    batchTimer = nil
    (isBatchDue, isBalanceDue, areMonthsDue) = (false, false, false)
  }

  /// There are no further things to do once those due are done.
  func stop() {
    isStopped = true
    wake()
  }

  /// Something has been read: a batch is due when the first of it has waited long enough.
  func hasGathered() {
    guard batchTimer == nil, !isBatchDue else { return }
    batchTimer = loop.schedule(after: RecorderLimits.batchWait) { [weak self] in self?.hasGatheredEnough() }
  }

  /// A batch is due now.
  func hasGatheredEnough() {
    batchTimer?.cancel()
    batchTimer = nil
    isBatchDue = true
    wake()
  }

  /// The next thing due; waits for one. nil: stop.
  func next() async -> Due? {
    while true {
      if isStopped { return nil }
      if isBatchDue {
        isBatchDue = false
        return .batch
      }
      if isBalanceDue {
        isBalanceDue = false
        balanceTimer = loop.schedule(after: RecorderLimits.balanceInterval) { [weak self] in self?.balanceIsDue() }
        return .balance
      }
      if areMonthsDue {
        areMonthsDue = false
        monthsTimer = loop.schedule(after: RecorderLimits.monthsInterval) { [weak self] in self?.monthsAreDue() }
        return .months
      }
      await withCheckedContinuation { continuation in
        // Something may have become due between the look above and here.
        guard !isStopped, !isBatchDue, !isBalanceDue, !areMonthsDue else { return continuation.resume() }
        waiter = continuation
      }
    }
  }

  /// Waits for so long, or until it is to stop.
  func pause(for length: Duration) async {
    var isOver = false
    let timer = loop.schedule(after: length) { [weak self] in
      isOver = true
      self?.wake()
    }
    while !isOver, !isStopped {
      await withCheckedContinuation { continuation in
        guard !isOver, !isStopped else { return continuation.resume() }
        waiter = continuation
      }
    }
    timer.cancel()
  }

  private func balanceIsDue() {
    isBalanceDue = true
    wake()
  }

  private func monthsAreDue() {
    areMonthsDue = true
    wake()
  }

  private func wake() {
    let waiting = waiter
    waiter = nil
    waiting?.resume()
  }
}
