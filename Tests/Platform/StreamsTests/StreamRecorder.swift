import EventLoop
import Glibc
import Streams

/// A delegate that notes what it is told. Confined to the loop of its stream, which makes it Sendable.
final class StreamRecorder: ByteStreamDelegate, @unchecked Sendable {
  private(set) var received: [UInt8] = []
  private(set) var calls = 0
  private(set) var hasReachedEnd = false
  private(set) var drains = 0
  private(set) var reason: StreamCloseReason?
  private(set) var closes = 0
  /// Decides how much of what is shown is consumed.
  var consume: (ByteStream, Span<UInt8>) -> Int = { $1.count }
  var whenDrained: (ByteStream) -> Void = { _ in }

  func stream(_ stream: ByteStream, received bytes: Span<UInt8>) -> Int {
    precondition(stream.loop.isCurrent)
    calls += 1
    let count = consume(stream, bytes)
    for index in 0..<count { received.append(bytes[index]) }
    return count
  }

  func streamReachedEnd(_ stream: ByteStream) { hasReachedEnd = true }

  func streamDrained(_ stream: ByteStream) {
    drains += 1
    whenDrained(stream)
  }

  func streamClosed(_ stream: ByteStream, reason: StreamCloseReason) {
    closes += 1
    self.reason = reason
  }
}

/// A loop, a stream on it, its recorder, and the other end as a bare blocking socket.
final class StreamScene: Sendable {
  let loop: EventLoop
  let stream: ByteStream
  let recorder: StreamRecorder
  /// The peer's descriptor: non-blocking, so that a test sees back-pressure as `EAGAIN`.
  let peer: Int32

  init(limits: StreamLimits = StreamLimits()) async throws {
    let loop = try LoopThread.startLoop(name: "stream")
    var pair: [Int32] = [0, 0]
    precondition(
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0)
    let recorder = StreamRecorder()
    let near = pair[0]
    self.loop = loop
    self.recorder = recorder
    peer = pair[1]
    stream = try await loop.call { ByteStream(socket: near, on: loop, limits: limits) }
  }

  func start() async throws { try await loop.call { [self] in try stream.start(recorder) } }

  /// Sends from the peer as much as the kernel takes; answers how much.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(peer, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0 { return sent }
      sent += count
    }
    return sent
  }

  /// Takes what has arrived at the peer; nil at its end.
  func take() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(peer, &buffer, buffer.count, 0)
    if count == 0 || count < 0 && errno != EAGAIN { return nil }
    return Array(buffer.prefix(max(0, count)))
  }

  func eventually(_ condition: @escaping @Sendable (StreamScene) -> Bool) async throws -> Bool {
    for _ in 0..<100_000 where try await loop.call({ condition(self) }) { return true }
    return false
  }

  /// Ends the peer without an orderly end. Its descriptor stays open at /dev/null until the scene ends, so that its number
  /// is nobody else's.
  func endPeer() {
    let null = open("/dev/null", O_RDWR)
    precondition(null >= 0 && dup2(null, peer) == peer)
    close(null)
  }

  deinit {
    close(peer)
    let (loop, stream) = (loop, stream)
    loop.execute {
      stream.close()
      loop.stop()
    }
  }
}

extension EventLoop {
  /// Runs `body` as one call on the loop and returns what it returns.
  @discardableResult
  func call<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      execute { continuation.resume(with: Result(catching: body)) }
    }
  }
}
