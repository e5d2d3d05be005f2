internal import CLinux
package import EventLoop
internal import Glibc

extension ByteStream {
  /// Connects to an address and returns the stream, not started yet. To be called on the loop.
  ///
  /// - Throws: ``StreamError``: `refused` where nobody listens, `timedOut` after `limit`, `invalidAddress`, `unreachable`.
  package static func connect(
    to address: StreamAddress, on loop: EventLoop, within limit: Duration = .seconds(10),
    limits: StreamLimits = StreamLimits()
  ) async throws(StreamError) -> ByteStream {
    precondition(loop.isCurrent)
    let socketAddress = try SocketAddress(address)
    let descriptor = socket(
      socketAddress.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw StreamError(call: "socket", number: errno) }
    let stream = ByteStream(socket: descriptor, on: loop, limits: limits)
    if socketAddress.family != AF_UNIX { setNoDelay(descriptor) }
    let begun = unsafe socketAddress.withPointer { unsafe Glibc.connect(descriptor, $0, $1) }
    if begun == 0 { return stream }
    let number = errno
    guard number == EINPROGRESS else { throw StreamError(call: "connecting to \(address)", number: number) }
    let outcome = await withCheckedContinuation { continuation in
      ConnectAttempt(descriptor, on: loop, continuation).begin(within: limit)
    }
    switch outcome {
    case .connected: return stream
    case .failed(let number): throw StreamError(call: "connecting to \(address)", number: number)
    }
  }
}

func setNoDelay(_ descriptor: Int32) {
  var one: Int32 = 1
  unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
}

/// A connection being made: ends once, by the kernel's answer or by the deadline. Confined to its loop, which makes it
/// Sendable.
private final class ConnectAttempt: @unchecked Sendable {
  enum Outcome: Sendable { case connected, failed(Int32) }

  private let descriptor: Int32
  private let loop: EventLoop
  private var continuation: CheckedContinuation<Outcome, Never>?
  private var registration: Registration?
  private var deadline: LoopTimer?

  init(_ descriptor: Int32, on loop: EventLoop, _ continuation: CheckedContinuation<Outcome, Never>) {
    self.descriptor = descriptor
    self.loop = loop
    self.continuation = continuation
  }

  func begin(within limit: Duration) {
    do {
      registration = try loop.watch(descriptor, .readAndWrite) { [self] readiness in
        if readiness.contains(anyOf: .writable) { end(pendingOutcome()) }
      }
      deadline = loop.schedule(after: limit) { [self] in end(.failed(ETIMEDOUT)) }
    } catch {
      end(.failed(error.number))
    }
  }

  private func pendingOutcome() -> Outcome {
    var number: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
    return number == 0 ? .connected : .failed(number)
  }

  private func end(_ outcome: Outcome) {
    guard let continuation else { return }
    self.continuation = nil
    if let registration { loop.unwatch(registration) }
    registration = nil
    deadline?.cancel()
    deadline = nil
    continuation.resume(returning: outcome)
  }
}
