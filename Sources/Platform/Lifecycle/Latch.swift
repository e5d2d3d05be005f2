package import EventLoop

/// Something to wait for that happens once. Confined to its loop, which makes it Sendable.
package final class Latch: @unchecked Sendable {
  private let loop: EventLoop
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// A latch on a loop, closed.
  package init(_ loop: EventLoop) { self.loop = loop }

  /// Lets everybody go on who waits, now and later. On any thread.
  package func open() {
    loop.execute { [self] in
      isOpen = true
      let all = waiting
      waiting = []
      for continuation in all { continuation.resume() }
    }
  }

  /// Until it is open, whether or not the waiting task is cancelled.
  package func wait() async {
    await withCheckedContinuation { continuation in
      loop.execute { [self] in
        if isOpen { continuation.resume() } else { waiting.append(continuation) }
      }
    }
  }

  /// Until it is open; the cancellation of the waiting task opens it.
  package func waitUntilCancelled() async {
    await withTaskCancellationHandler {
      await wait()
    } onCancel: {
      open()
    }
  }
}
