package import EventLoop
internal import Glibc
internal import PartitionLog
internal import Telemetry

/// The thread that makes appends durable: it takes every partition that has something, syncs them, lets go on who waited, and takes
/// what has come meanwhile. No timer: a batch is what arrived during the last sync.
package final class Committer: Sendable {
  private let work = CommitQueue()
  private let logger = Logger(label: "broker.committer")
  private let failed: @Sendable (String) -> Void

  /// A committer whose thread runs. `failed` is called where a sync has failed: what is on the disk is unknown then, so the process
  /// must end, and the next one looks.
  package init(failed: @escaping @Sendable (String) -> Void) throws(EventLoopError) {
    self.failed = failed
    let work = work
    try LoopThread.start(name: "committer") { [weak self] in
      while let partitions = work.take() { self?.commit(partitions) }
    }
  }

  deinit { work.close() }

  /// The partition has something to be made durable.
  func add(_ partition: Partition) { work.add(partition) }

  /// The partition has something that may wait so long.
  func add(_ partition: Partition, afterMilliseconds delay: Int64) {
    work.add(partition, at: LoopInstant.current() + .milliseconds(delay))
  }

  private func commit(_ partitions: [Partition]) {
    var tickets: [(Partition, SyncTicket)] = []
    for partition in partitions {
      do throws(PartitionLogError) {
        if let ticket = try partition.beginCommit() { tickets.append((partition, ticket)) }
      } catch {
        guard partition.isDeleted else { return failed("\(partition.topic)-\(partition.index): \(error)") }
      }
    }
    for (partition, ticket) in tickets {
      do throws(FileError) {
        try ticket.sync()
        partition.endCommit(ticket)
      } catch {
        // The folder of a deleted topic has another name, and nobody waits for what is in it.
        guard partition.isDeleted else { return failed("\(error)") }
      }
    }
  }
}

/// Partitions to be synced, now or at a time. Sendable because every access holds the mutex.
/// `@safe`: the mutex and the condition are allocated in init, freed in deinit, and never leave the class.
@safe private final class CommitQueue: @unchecked Sendable {
  private var due: [Partition] = []
  private var later: [(at: LoopInstant, partition: Partition)] = []
  private var isClosed = false
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
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

  func add(_ partition: Partition) {
    locked { due.append(partition) }
  }

  func add(_ partition: Partition, at time: LoopInstant) {
    locked { later.append((time, partition)) }
  }

  func close() {
    locked { isClosed = true }
  }

  private func locked(_ change: () -> Void) {
    unsafe pthread_mutex_lock(mutex)
    change()
    unsafe pthread_cond_signal(changed)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// What is due, once something is; nil when it is closed.
  func take() -> [Partition]? {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      moveWhatIsDue()
      if !due.isEmpty {
        let taken = due
        due = []
        return taken
      }
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

  private func moveWhatIsDue() {
    guard !later.isEmpty else { return }
    let now = LoopInstant.current()
    due += later.filter { $0.at <= now }.map(\.partition)
    later.removeAll { $0.at <= now }
  }
}
