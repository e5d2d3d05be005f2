internal import CLinux
internal import EventLoop
internal import Glibc

/// What a thread of the committer does next.
enum CommitWork: Sendable {
  /// Look at everything that is due: one thread at a time, so that what comes meanwhile gathers.
  case gather([Partition], CommitRules.Company)
  /// Sync a share of what the journal does not take.
  case sync([Commit])
  /// Sync what a full file of the journal holds bytes of.
  case emptyJournal
}

/// Partitions to be made durable, now or at a time. Sendable because every access holds the mutex.
/// `@safe`: the mutex and the condition are allocated in init, freed in deinit, and never leave the class.
@safe final class CommitQueue: @unchecked Sendable {
  private var due: [Partition] = []
  private var commits: [Commit] = []
  private var later: [(at: LoopInstant, partition: Partition)] = []
  private var isGathering = false
  private var syncCount = 0
  private var emptying = Emptying.none
  /// Whether a thread waits for the first of those that are due later: the others need not.
  private var isTimed = false
  private var isClosed = false
  private let takers: Int
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private enum Emptying { case none, due, underWay }

  /// A queue that so many threads take from.
  init(takers: Int) {
    self.takers = takers
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(changed, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  // MARK: adding

  /// Who is woken for what was added: the caller takes next itself with `none`.
  enum Waking { case none, one, all }

  func add(_ partitions: [Partition], waking: Waking = .one) {
    guard !partitions.isEmpty else { return }
    locked { due += partitions }
    wake(waking)
  }

  func add(_ partition: Partition, at time: LoopInstant) {
    let waking = locked { () -> Waking in
      let first = later.map(\.at).min()
      later.append((time, partition))
      // The one that waits is among all: it has to wait less long.
      if let first, time < first { return .all }
      return isTimed ? .none : .one
    }
    wake(waking)
  }

  /// Leaves syncs to other threads.
  func add(_ more: [Commit]) {
    guard !more.isEmpty else { return }
    locked { commits += more }
    wake(.one)
  }

  func close() {
    locked { isClosed = true }
    wake(.all)
  }

  // MARK: what takers tell

  /// The next one may gather. The caller syncs what is answered, others the rest.
  func endGathering(leaving left: [Commit]) -> [Commit] {
    let (share, waking) = locked { () -> ([Commit], Waking) in
      isGathering = false
      commits += left
      let share = left.isEmpty ? [] : takeShare()
      return (share, hasWork && !left.isEmpty ? .one : .none)
    }
    wake(waking)
    return share
  }

  func endSync() { locked { syncCount -= 1 } }

  func beginEmptying() { locked { emptying = .due } }

  /// The other file may have become full between its emptying and this: then that is due.
  func endEmptying() { locked { if emptying == .underWay { emptying = .none } } }

  // MARK: taking

  /// The caller's next work, once there is any; nil when the queue is closed.
  func take() -> CommitWork? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      moveWhatIsDue()
      if let work = next() {
        if hasWork || (!later.isEmpty && !isTimed) { wake(.one) }
        return work
      }
      if isClosed { return nil }
      wait()
    }
  }

  private var hasWork: Bool { !commits.isEmpty || (!due.isEmpty && !isGathering) || emptying == .due }

  private func next() -> CommitWork? {
    if !commits.isEmpty { return .sync(takeShare()) }
    if !due.isEmpty, !isGathering {
      isGathering = true
      defer { due = [] }
      return .gather(due, syncCount > 0 ? .others : .alone)
    }
    guard emptying == .due else { return nil }
    emptying = .underWay
    return .emptyJournal
  }

  private func takeShare() -> [Commit] {
    let count = (commits.count + takers - 1) / takers
    let share = Array(commits.prefix(count))
    commits.removeFirst(count)
    syncCount += 1
    return share
  }

  private func moveWhatIsDue() {
    guard !later.isEmpty else { return }
    let now = LoopInstant.current()
    due += later.filter { $0.at <= now }.map(\.partition)
    later.removeAll { $0.at <= now }
  }

  // MARK: the mutex and the condition

  private func wait() {
    guard !isTimed, let next = later.map(\.at).min() else {
      unsafe pthread_cond_wait(changed, mutex)
      return
    }
    isTimed = true
    var time = timespec(tv_sec: Int(next.nanoseconds / 1_000_000_000), tv_nsec: Int(next.nanoseconds % 1_000_000_000))
    unsafe pthread_cond_timedwait(changed, mutex, &time)
    isTimed = false
  }

  private func locked<Value>(_ change: () -> Value) -> Value {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return change()
  }

  private func wake(_ waking: Waking) {
    switch waking {
    case .none: break
    case .one: unsafe pthread_cond_signal(changed)
    case .all: unsafe pthread_cond_broadcast(changed)
    }
  }
}
