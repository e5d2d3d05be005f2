/// How a program runs on a loop.
extension EventLoop {
  /// Makes a loop on the calling thread, runs `body` on it as a task, and returns what it returned once it has.
  package static func run(name: String, _ body: @escaping @Sendable (EventLoop) async -> Int32) throws(EventLoopError)
    -> Int32
  {
    let loop = try EventLoop(name: name)
    let outcome = Outcome()
    loop.spawn {
      outcome.code = await body(loop)
      loop.stop()
    }
    loop.run()
    return outcome.code
  }

  /// Written on the loop, read after it has stopped on the same thread: that confinement makes it Sendable.
  private final class Outcome: @unchecked Sendable {
    var code: Int32 = 0
  }
}
