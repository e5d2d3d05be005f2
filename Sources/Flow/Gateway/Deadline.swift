internal import EventLoop

/// Bounds what is awaited.
enum Deadline {
  /// What `body` returns; nil where it throws or does not return in time. Then it is cancelled and left to end by itself.
  static func run<Value: Sendable>(
    on loop: EventLoop, within limit: Duration, _ body: @escaping @Sendable () async throws -> Value
  ) async -> Value? {
    let race = Race<Value>()
    return await withCheckedContinuation { continuation in
      race.continuation = continuation
      let task = loop.spawn {
        let value = try? await body()
        loop.execute { race.end(value) }
      }
      race.timer = loop.schedule(after: limit) {
        task.cancel()
        race.end(nil)
      }
    }
  }

  /// Confined to its loop, which makes it Sendable.
  private final class Race<Value: Sendable>: @unchecked Sendable {
    var continuation: CheckedContinuation<Value?, Never>?
    var timer: LoopTimer?

    func end(_ value: Value?) {
      timer?.cancel()
      timer = nil
      let waiting = continuation
      continuation = nil
      waiting?.resume(returning: value)
    }
  }
}
