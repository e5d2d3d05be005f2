internal import CLinux
internal import Glibc

/// Starts threads with names.
package enum LoopThread {
  /// Runs `body` on a new detached thread. Signals are blocked there: they are for the loop that watches them.
  package static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(EventLoopError) {
    let context = unsafe Unmanaged.passRetained(Context(name: name, body: body))
    var thread = pthread_t()
    let started = unsafe pthread_create(&thread, nil, threadEntry, context.toOpaque())
    guard started == 0 else {
      unsafe context.release()
      throw EventLoopError(.noThread, call: "pthread_create", number: started)
    }
    pthread_detach(thread)
  }

  /// Makes a loop and runs it on a thread of its own until it is stopped.
  package static func startLoop(name: String) throws(EventLoopError) -> EventLoop {
    let loop = try EventLoop(name: name)
    loop.leaveThread()
    try start(name: name) { loop.run() }
    return loop
  }

  fileprivate final class Context: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}

private func threadEntry(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let context = unsafe Unmanaged<LoopThread.Context>.fromOpaque(argument!).takeRetainedValue()
  var blocked = sigset_t()
  unsafe sigfillset(&blocked)
  unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
  unsafe clinux_set_thread_name(String(context.name.prefix(15)))
  context.body()
  return nil
}
