import EventLoop
import Glibc

/// A loop on a thread of its own for the length of one test.
enum TestLoop {
  /// Runs `body` as a task on a new loop and stops the loop when it has returned.
  static func run<Value: Sendable>(
    _ body: @escaping @Sendable (EventLoop) async throws -> Value
  ) async throws -> Value {
    let loop = try LoopThread.startLoop(name: "test")
    defer { loop.stop() }
    return try await Task(executorPreference: loop.tasks) { try await body(loop) }.value
  }
}

extension EventLoop {
  /// Runs `body` as one call on the loop and returns what it returns.
  @discardableResult
  func call<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      execute { continuation.resume(with: Result(catching: body)) }
    }
  }
}

/// What a test gathers on a loop and reads there: that confinement makes it Sendable.
final class Gathered<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}

/// Two connected non-blocking sockets.
func makeSocketPair() -> (Int32, Int32) {
  var pair: [Int32] = [0, 0]
  precondition(
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
  return (pair[0], pair[1])
}
