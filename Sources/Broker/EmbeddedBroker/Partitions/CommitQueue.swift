internal import CLinux
internal import EventLoop
internal import Glibc

/// Partitions to be synced, now or at a time. Sendable because every access holds the mutex.
/// `@safe`: the mutex and the condition are allocated in init, freed in deinit, and never leave the class.
@safe final class CommitQueue: @unchecked Sendable {
  private var due: [Partition] = []
  private var later: [(at: LoopInstant, partition: Partition)] = []
  private var isClosed = false
  private let takers: Int
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

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

  func add(_ partitions: [Partition]) {
    locked(waking: partitions.count > 1 ? .all : .one) { due += partitions }
  }

  func add(_ partition: Partition, at time: LoopInstant) {
    locked(waking: .one) { later.append((time, partition)) }
  }

  func close() {
    locked(waking: .all) { isClosed = true }
  }

  private enum Waking { case one, all }

  private func locked(waking: Waking, _ change: () -> Void) {
    unsafe pthread_mutex_lock(mutex)
    change()
    switch waking {
    case .one: unsafe pthread_cond_signal(changed)
    case .all: unsafe pthread_cond_broadcast(changed)
    }
    unsafe pthread_mutex_unlock(mutex)
  }

  /// The caller's share of what is due, once something is; nil when the queue is closed.
  func take() -> [Partition]? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      moveWhatIsDue()
      if !due.isEmpty { return takeShare() }
      if isClosed { return nil }
      if let next = later.map(\.at).min() {
        var time = timespec(
          tv_sec: Int(next.nanoseconds / 1_000_000_000), tv_nsec: Int(next.nanoseconds % 1_000_000_000))
        unsafe pthread_cond_timedwait(changed, mutex, &time)
      } else {
        unsafe pthread_cond_wait(changed, mutex)
      }
    }
  }

  private func takeShare() -> [Partition] {
    let count = (due.count + takers - 1) / takers
    let share = Array(due.prefix(count))
    due.removeFirst(count)
    return share
  }

  private func moveWhatIsDue() {
    guard !later.isEmpty else { return }
    let now = LoopInstant.current()
    due += later.filter { $0.at <= now }.map(\.partition)
    later.removeAll { $0.at <= now }
  }
}
