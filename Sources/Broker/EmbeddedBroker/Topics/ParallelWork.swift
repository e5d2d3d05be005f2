internal import EventLoop
internal import Glibc
internal import Synchronization

/// Work on many things that block, by a few threads: syncs that wait for the disk together cost little more than one.
enum ParallelWork {
  private struct State<Value: Sendable> {
    var next = 0
    var values: [Value?]
    var failure: (any Error)?
  }

  /// Does the work for each index and returns when all is done, with what it came to in order. Blocks.
  ///
  /// - Throws: the first error; what was not begun is left out then.
  static func map<Value: Sendable>(
    count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let state = SharedState(State<Value>(values: Array(repeating: nil, count: count)))
    let finished = Semaphore()
    var started = 0
    do {
      while started < min(threads, count) {
        try LoopThread.start(name: "broker-disk") {
          while let index = state.take(count) {
            do { state.put(try body(index), at: index) } catch { state.fail(error) }
          }
          finished.signal()
        }
        started += 1
      }
    } catch {
      // Those that were started do the work; where there is none, it is not done.
      if started == 0 { throw error }
    }
    for _ in 0..<started { finished.wait() }
    return try state.finish()
  }

  private final class SharedState<Value: Sendable>: Sendable {
    private let state: Mutex<State<Value>>
    init(_ state: State<Value>) { self.state = Mutex(state) }

    func take(_ count: Int) -> Int? {
      state.withLock { state in
        guard state.failure == nil, state.next < count else { return nil }
        defer { state.next += 1 }
        return state.next
      }
    }

    func put(_ value: Value, at index: Int) { state.withLock { $0.values[index] = value } }
    func fail(_ error: any Error) { state.withLock { $0.failure = $0.failure ?? error } }

    func finish() throws -> [Value] {
      let (values, failure) = state.withLock { ($0.values, $0.failure) }
      if let failure { throw failure }
      return values.compactMap { $0 }
    }
  }

  /// `@safe`: the semaphore is allocated in init, freed in deinit, and never leaves the class; its calls may come from any
  /// thread (POSIX).
  @safe private final class Semaphore: @unchecked Sendable {
    private let raw = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    init() { unsafe sem_init(raw, 0, 0) }
    deinit {
      unsafe sem_destroy(raw)
      unsafe raw.deallocate()
    }
    func signal() { unsafe sem_post(raw) }
    func wait() { while unsafe sem_wait(raw) != 0 {} }
  }
}
