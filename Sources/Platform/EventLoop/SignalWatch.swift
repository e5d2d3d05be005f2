internal import CLinux
internal import Glibc

/// Signals as events of a loop, through a `signalfd`. The signals stay blocked for the process, so make it before other
/// threads start: they inherit the mask.
package final class SignalWatch {
  private let loop: EventLoop
  private let descriptor: Int32
  private var registration: Registration?

  /// Blocks the signals and calls `received` on the loop with each one's number.
  package init(_ signals: [Int32], on loop: EventLoop, received: @escaping (Int32) -> Void) throws(EventLoopError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    self.loop = loop
    descriptor = unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
    guard descriptor >= 0 else { throw EventLoopError(.noDescriptor, call: "signalfd") }
    let descriptor = descriptor
    registration = try loop.watch(descriptor, .read) { _ in
      var info = signalfd_siginfo()
      let size = MemoryLayout<signalfd_siginfo>.size
      while unsafe read(descriptor, &info, size) == size { received(Int32(info.ssi_signo)) }
    }
  }

  /// Stops watching; the signals stay blocked. On the loop, once.
  package func close() {
    guard let registration else { return }
    loop.unwatch(registration)
    self.registration = nil
    Glibc.close(descriptor)
  }
}
