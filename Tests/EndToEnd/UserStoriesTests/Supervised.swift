import EventLoop
import Processes

/// A process that the tests started, handled from any thread.
final class Supervised: @unchecked Sendable {
  private let loop: EventLoop
  private var process: ChildProcess?  // on the loop only

  init(_ loop: EventLoop) { self.loop = loop }

  func start(_ specification: ProcessSpecification) async throws {
    try await onLoop { self.process = try ChildProcess(specification, on: self.loop) }
  }

  func ended() async -> String? { try? await onLoop { self.process?.status.map { "\($0)" } } }

  /// SIGKILL, and until it is gone.
  func kill() async { await end { $0.kill() } }

  /// SIGTERM, and until it is gone.
  func stop() async { await end { $0.terminate() } }

  private func end(_ signal: @escaping @Sendable (ChildProcess) -> Void) async {
    await withCheckedContinuation { continuation in
      loop.spawn {
        if let process = self.process {
          signal(process)
          _ = await process.exit()
        }
        continuation.resume()
      }
    }
  }

  private func onLoop<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { continuation.resume(with: Result(catching: body)) }
    }
  }
}
