import CatalogueView
import EventLog
import EventLoop
import MillraceDomain
import Testing

/// A view that hears of nothing: no index ever comes.
struct CatalogueWaitTests {
  private func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (CatalogueView) async -> Value
  ) async throws -> Value {
    let loop = try LoopThread.startLoop(name: "view")
    defer { loop.stop() }
    return await withCheckedContinuation { continuation in
      loop.spawn {
        let options = EventLogOptions(bootstrapServers: "127.0.0.1:1", clientID: "test")
        continuation.resume(returning: await body(CatalogueView(loop: loop, options: options)))
      }
    }
  }

  /// Goal: a wait for an index that never comes is released when it is cancelled, and only that one.
  @Test func `a cancelled wait is forgotten`() async throws {
    let counts = try await onLoop { view in
      final class Held {}
      weak var held: Held?
      var first: CatalogueWait?
      do {
        let kept = Held()
        held = kept
        first = view.whenApplied(CatalogueIndex(9_000_000_000_000_000_000)) { _ = kept }
      }
      _ = view.whenApplied(CatalogueIndex(1)) {}
      let before = (view.waitingCount, held != nil)
      if let first { view.cancel(first) }
      if let first { view.cancel(first) }
      return [before.0, before.1 ? 1 : 0, view.waitingCount, held != nil ? 1 : 0]
    }
    #expect(counts == [2, 1, 1, 0])
  }

  /// Goal: waiting with a bound leaves nothing behind.
  @Test func `a wait that ends without its index is forgotten`() async throws {
    let (isApplied, count) = try await onLoop { view in
      (await view.waitUntilApplied(CatalogueIndex(7), within: .milliseconds(1)), view.waitingCount)
    }
    #expect(!isApplied && count == 0)
  }

  /// Goal: an index that is there is answered within the call.
  @Test func `what is there needs no wait`() async throws {
    let answers = try await onLoop { view in
      var isCalled = false
      let wait = view.whenApplied(CatalogueIndex(0)) { isCalled = true }
      return [isCalled, wait == nil, view.waitingCount == 0]
    }
    #expect(answers == [true, true, true])
  }
}
