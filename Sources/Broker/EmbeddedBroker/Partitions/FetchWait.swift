package import EventLoop
internal import Synchronization

/// A fetch that waits for partitions to have more. Woken once, from any thread, it goes on on its loop.
package final class FetchWait: Sendable {
  private let loop: EventLoop
  private let isWoken = Atomic<Bool>(false)
  private let call: @Sendable () -> Void

  /// `call` is called once, on the loop.
  package init(_ loop: EventLoop, _ call: @escaping @Sendable () -> Void) {
    self.loop = loop
    self.call = call
  }

  /// Harmless when repeated.
  package func wake() {
    guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
    loop.execute(call)
  }
}
