import EventLog
import EventLoop
import RealServers

/// A loop with an admin client of a broker, for the length of one test.
enum TopicsLoop {
  static func run(
    _ broker: ApacheKafkaFixture,
    _ body: @escaping @Sendable (EventLoop, EventLogOptions, LogAdmin) async throws -> Void
  ) async throws {
    let loop = try LoopThread.startLoop(name: "topics-test")
    defer { loop.stop() }
    let options = EventLogOptions(bootstrapServers: broker.bootstrapServers, clientID: "topics-test")
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      loop.spawn {
        do {
          let admin = try LogAdmin(loop: loop, options: options)
          try await body(loop, options, admin)
          await admin.close()
          continuation.resume()
        } catch { continuation.resume(throwing: error) }
      }
    }
  }
}
