internal import CLinux
internal import Glibc

/// A few named threads for what blocks: file sync, cold reads, name resolution. Never call what blocks on a loop.
///
/// At most `queueLimit` calls wait; one more is refused with ``EventLoopError/Code/queueFull``, so that a slow disk becomes
/// an error its caller sees and not a queue that grows.
package final class BlockingPool: Sendable {
  private let state: State

  /// Starts the threads. They end when the pool is released and what was queued has run.
  package init(name: String, threads: Int, queueLimit: Int) throws(EventLoopError) {
    precondition(threads > 0 && queueLimit > 0)
    state = State(queueLimit: queueLimit)
    for index in 0..<threads {
      let state = state
      try LoopThread.start(name: "\(name)-\(index)") { state.work() }
    }
  }

  deinit { state.close() }

  /// Runs `body` on one of the threads; the caller resumes where it was.
  ///
  /// - Throws: ``EventLoopError`` with `queueFull` when too many calls wait; what `body` throws.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let accepted = state.add { continuation.resume(with: Swift.Result(catching: body)) }
      if !accepted {
        continuation.resume(throwing: EventLoopError(.queueFull, call: "the blocking pool's queue", number: EAGAIN))
      }
    }
  }

  /// The queue between callers and threads. Sendable because every access holds the mutex.
  /// `@safe`: the mutex and the condition are allocated in init, freed in deinit, and never leave the class.
  @safe private final class State: @unchecked Sendable {
    private let queueLimit: Int
    private var queue: [@Sendable () -> Void] = []
    private var isClosed = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(queueLimit: Int) {
      self.queueLimit = queueLimit
      unsafe pthread_mutex_init(mutex, nil)
      unsafe pthread_cond_init(changed, nil)
    }

    deinit {
      unsafe pthread_cond_destroy(changed)
      unsafe pthread_mutex_destroy(mutex)
      unsafe changed.deallocate()
      unsafe mutex.deallocate()
    }

    func add(_ body: @escaping @Sendable () -> Void) -> Bool {
      unsafe pthread_mutex_lock(mutex)
      defer { unsafe pthread_mutex_unlock(mutex) }
      guard queue.count < queueLimit else { return false }
      queue.append(body)
      unsafe pthread_cond_signal(changed)
      return true
    }

    func close() {
      unsafe pthread_mutex_lock(mutex)
      isClosed = true
      unsafe pthread_cond_broadcast(changed)
      unsafe pthread_mutex_unlock(mutex)
    }

    func work() {
      while let body = next() { body() }
    }

    private func next() -> (@Sendable () -> Void)? {
      unsafe pthread_mutex_lock(mutex)
      defer { unsafe pthread_mutex_unlock(mutex) }
      while queue.isEmpty {
        if isClosed { return nil }
        unsafe pthread_cond_wait(changed, mutex)
      }
      return queue.removeFirst()
    }
  }
}
