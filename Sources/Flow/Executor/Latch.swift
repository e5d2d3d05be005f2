internal import EventLoop

/// Something to wait for that happens once. Confined to its loop, which makes it Sendable.
final class Latch: @unchecked Sendable {
  private let loop: EventLoop
  private var isOpen = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ loop: EventLoop) { self.loop = loop }

  func open() {
    loop.execute { [self] in
      isOpen = true
      let all = waiting
      waiting = []
      for continuation in all { continuation.resume() }
    }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      loop.execute { [self] in
        if isOpen { continuation.resume() } else { waiting.append(continuation) }
      }
    }
  }
}
