import EventLoop
import Synchronization

/// Runs a test's body as a task on a loop of its own, on the calling thread.
enum LoopRunner {
  static func run(_ body: @escaping @Sendable (EventLoop) async throws -> Void) throws {
    let failure = Mutex<(any Error)?>(nil)
    _ = try EventLoop.run(name: "test") { loop in
      do { try await body(loop) } catch { failure.withLock { $0 = error } }
      return 0
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
