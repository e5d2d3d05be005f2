import EventLoop

/// Runs a test's body as a task on a loop and thread of its own: a test must not hold a thread of the shared pool, where
/// others wait for it.
enum LoopRunner {
  static func run(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    let loop = try LoopThread.startLoop(name: "test")
    defer { loop.stop() }
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      loop.spawn {
        do {
          try await body(loop)
          continuation.resume()
        } catch { continuation.resume(throwing: error) }
      }
    }
  }
}
