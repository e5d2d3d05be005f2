internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread and one epoll set: it watches descriptors, keeps timers, and is where Swift code runs.
///
/// Actors are pinned to it by returning ``asUnownedSerialExecutor()`` from `unownedExecutor`; tasks are started with
/// `Task(executorPreference: loop.tasks)` or ``spawn(_:)``. A request is then read, decided and answered without leaving
/// the loop's thread.
///
/// Everything but ``execute(_:)``, ``enqueue(_:)``, ``spawn(_:)`` and ``stop()`` must be called on the loop's own thread,
/// and says so by `precondition`. That confinement is what makes the class Sendable. It is `@safe` because the buffers
/// are its own from init to deinit, and jobs run once, where the runtime asked for.
@safe package final class EventLoop: SerialExecutor, @unchecked Sendable {
  /// What is queued to run: a job of the Swift runtime, or a closure of ours. Sendable because it runs once, on the loop;
  /// only Sendable closures and jobs come from other threads.
  enum Work: @unchecked Sendable {
    case actorJob(UnownedJob)
    case taskJob(UnownedJob)
    case call(() -> Void)
  }

  /// The loop as the preference of tasks. It is another object than the loop, so that each job is run as what it was
  /// enqueued for: one object being both makes the runtime enqueue every job twice.
  package private(set) var tasks: LoopTaskExecutor!

  /// The name of the loop's thread, for diagnostics.
  package let name: String

  let epollDescriptor: Int32
  let wakeDescriptor: Int32
  /// Work from other threads. Guarded by its lock; everything below it belongs to the loop's thread.
  private let foreignWork = Mutex<[Work]>([])
  private let isAsleep = Atomic<Bool>(false)
  private let isStopping = Atomic<Bool>(false)
  private let threadID = Atomic<UInt>(0)

  private var localWork: [Work] = []
  private var batch: [Work] = []
  private var foreignBatch: [Work] = []
  private var endOfTurn: [() -> Void] = []
  private var endOfTurnBatch: [() -> Void] = []
  var registrations: [Registration?] = []
  var lastGeneration: UInt32 = 0
  var timers = TimerHeap()
  private let eventBuffer: UnsafeMutableBufferPointer<epoll_event>
  let scratch: UnsafeMutableBufferPointer<UInt8>
  var isScratchLent = false

  /// The monotonic time at which the current turn began.
  package private(set) var now = LoopInstant.current()

  /// Makes a loop that belongs to the calling thread until ``run()`` is called on another one.
  ///
  /// - Throws: ``EventLoopError`` where the kernel refuses a descriptor (`EMFILE`, `ENFILE`).
  package init(name: String) throws(EventLoopError) {
    self.name = name
    epollDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epollDescriptor >= 0 else { throw EventLoopError(.noDescriptor, call: "epoll_create1") }
    wakeDescriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard wakeDescriptor >= 0 else {
      let error = EventLoopError(.noDescriptor, call: "eventfd")
      close(epollDescriptor)
      throw error
    }
    unsafe eventBuffer = .allocate(capacity: EventLoopLimits.eventsPerTurn)
    unsafe scratch = .allocate(capacity: EventLoopLimits.scratchBytes)
    threadID.store(UInt(pthread_self()), ordering: .relaxed)
    tasks = LoopTaskExecutor(self)
    var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data(u64: EventLoop.wakeMark))
    let added = unsafe epoll_ctl(epollDescriptor, EPOLL_CTL_ADD, wakeDescriptor, &event)
    precondition(added == 0, "an eventfd can always be watched")
  }

  deinit {
    unsafe eventBuffer.deallocate()
    unsafe scratch.deallocate()
    close(wakeDescriptor)
    close(epollDescriptor)
  }

  // MARK: running

  /// Runs turns on the calling thread until ``stop()``. A turn is: queued work in bounded rounds, the calls deferred to the
  /// turn's end, then the descriptors and timers that are due.
  package func run() {
    threadID.store(UInt(pthread_self()), ordering: .relaxed)
    while !isStopping.load(ordering: .acquiring) { turn() }
    runQueuedWork()
    runEndOfTurn()
  }

  /// Lets go of the thread that made the loop: until ``run()`` is called on another one, work comes from outside. Without
  /// it, the maker's first calls would be queued as the loop's own while the other thread takes them.
  func leaveThread() { threadID.store(0, ordering: .relaxed) }

  /// Makes ``run()`` return after the current turn. From any thread.
  package func stop() {
    isStopping.store(true, ordering: .releasing)
    wake()
  }

  private func turn() {
    runQueuedWork()
    runEndOfTurn()
    var timeout = timespec(tv_sec: 0, tv_nsec: 0)
    var isUnbounded = false
    if localWork.isEmpty && endOfTurn.isEmpty {
      // Announce sleep, then look once more: work published before the look is seen here, work published after it sees
      // the flag and wakes us. Both sides are sequentially consistent, or a wake-up would be lost.
      isAsleep.store(true, ordering: .sequentiallyConsistent)
      if foreignWork.withLock({ $0.isEmpty }) && !isStopping.load(ordering: .sequentiallyConsistent) {
        if let due = timers.nextDue {
          timeout = due.timespecFromNow()
        } else {
          isUnbounded = true
        }
      }
    }
    let count =
      isUnbounded
      ? unsafe epoll_pwait2(epollDescriptor, eventBuffer.baseAddress, Int32(eventBuffer.count), nil, nil)
      : unsafe epoll_pwait2(epollDescriptor, eventBuffer.baseAddress, Int32(eventBuffer.count), &timeout, nil)
    isAsleep.store(false, ordering: .relaxed)
    precondition(count >= 0 || errno == EINTR, "epoll_pwait2 failed on the loop's own set")
    now = LoopInstant.current()
    for index in 0..<max(0, Int(count)) { unsafe deliver(eventBuffer[index]) }
    runDueTimers()
  }

  /// Jobs and the calls they defer feed each other: bounded, so that a busy actor cannot starve the sockets.
  private func runQueuedWork() {
    for _ in 0..<EventLoopLimits.workRoundsPerTurn {
      takeForeignWork()
      if localWork.isEmpty { return }
      runLocalWork()
    }
  }

  private func takeForeignWork() {
    foreignWork.withLock { swap(&$0, &foreignBatch) }
    guard !foreignBatch.isEmpty else { return }
    localWork.append(contentsOf: foreignBatch)
    foreignBatch.removeAll(keepingCapacity: foreignBatch.capacity <= EventLoopLimits.retainedQueueCapacity)
  }

  /// Runs the work there is, not what it adds: that is for the next round.
  private func runLocalWork() {
    swap(&localWork, &batch)
    let serial = unsafe asUnownedSerialExecutor()
    let preferred = unsafe tasks.asUnownedTaskExecutor()
    for work in batch {
      switch work {
      case .actorJob(let job): unsafe job.runSynchronously(on: serial)
      case .taskJob(let job): unsafe job.runSynchronously(on: preferred)
      case .call(let body): body()
      }
    }
    batch.removeAll(keepingCapacity: batch.capacity <= EventLoopLimits.retainedQueueCapacity)
  }

  private func runEndOfTurn() {
    guard !endOfTurn.isEmpty else { return }
    swap(&endOfTurn, &endOfTurnBatch)
    for body in endOfTurnBatch { body() }
    endOfTurnBatch.removeAll(keepingCapacity: true)
  }

  // MARK: work

  /// Whether the caller is on the loop's thread.
  package var isCurrent: Bool { UInt(pthread_self()) == threadID.load(ordering: .relaxed) }

  /// Runs the closure on the loop, after what is queued already. From any thread.
  package func execute(_ body: @escaping @Sendable () -> Void) { push(.call(body)) }

  /// Runs the closure on the loop in the next round of work. On the loop only, so the closure may capture what is confined
  /// to the loop.
  package func nextRound(_ body: @escaping () -> Void) {
    precondition(isCurrent)
    localWork.append(.call(body))
  }

  /// Runs the closure once at the end of the current turn, when the turn's work has run: the place to write what the turn
  /// has gathered. On the loop only.
  package func atEndOfTurn(_ body: @escaping () -> Void) {
    precondition(isCurrent)
    endOfTurn.append(body)
  }

  /// Starts a task on the loop. Whoever calls it owns the task and its cancellation.
  @discardableResult
  package func spawn(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: tasks) { await body() }
  }

  func push(_ work: Work) {
    if isCurrent {
      localWork.append(work)
      return
    }
    foreignWork.withLock { $0.append(work) }
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { wake() }
  }

  private func wake() {
    var one: UInt64 = 1
    let written = unsafe write(wakeDescriptor, &one, 8)
    precondition(written == 8 || errno == EAGAIN, "an eventfd accepts a wake-up or is already full of them")
  }

  func drainWakeDescriptor() {
    var count: UInt64 = 0
    _ = unsafe read(wakeDescriptor, &count, 8)
  }

  // MARK: SerialExecutor

  package func enqueue(_ job: consuming ExecutorJob) { push(.actorJob(UnownedJob(job))) }
  package func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
  package func checkIsolated() { precondition(isCurrent, "not on the loop \(name)") }
  package func isIsolatingCurrentContext() -> Bool? { isCurrent }
}

/// The loop as a task executor: jobs of tasks that prefer the loop but are on no actor.
package final class LoopTaskExecutor: TaskExecutor {
  private unowned let loop: EventLoop
  init(_ loop: EventLoop) { self.loop = loop }
  package func enqueue(_ job: consuming ExecutorJob) { loop.push(.taskJob(UnownedJob(job))) }
}
