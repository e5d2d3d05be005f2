internal import CLinux
package import EventLoop
internal import Glibc

/// A socket that accepts connections, TCP or Unix, on a loop.
///
/// A Unix socket is made with mode 0600; a path left by a process that has died is taken over, one in use is refused. Out
/// of descriptors, or at its bound of open streams, it leaves the loop's set (or it would spin) and comes back when a
/// stream of its own closes; the kernel keeps the callers meanwhile.
///
/// Everything is called on the loop: that confinement makes it Sendable.
package final class StreamListener: @unchecked Sendable {
  private let loop: EventLoop
  private let descriptor: Int32
  private let limits: StreamLimits
  private let streamLimit: Int
  private var accepted: ((ByteStream) -> Void)?
  /// Where streams go that this loop does not keep: each to the next.
  private let others: [EventLoop]
  private var nextOther = 0
  private var registration: Registration?
  private var retry: LoopTimer?
  private var isClosed = false

  /// Where it listens, with the port the system chose.
  package let address: StreamAddress
  /// Streams accepted and not yet closed.
  package private(set) var openCount = 0
  /// Whether it has left the set for want of descriptors or of room.
  package var isSuspended: Bool { registration == nil && !isClosed }

  /// Listens at once; `accepted` is given each stream, not started yet, from the next turn on.
  ///
  /// - Throws: ``StreamError``: `addressInUse`, `invalidAddress`, `denied`, `noDescriptor`.
  package convenience init(
    _ address: StreamAddress, on loop: EventLoop, limits: StreamLimits = StreamLimits(), streamLimit: Int = .max,
    accepted: @escaping (ByteStream) -> Void
  ) throws(StreamError) {
    try self.init(address, loop, others: [], limits, streamLimit, accepted)
  }

  /// Listens on the loop and spreads the streams over all: each is given to `accepted` on the loop that it lives on.
  ///
  /// - Throws: as the other.
  package convenience init(
    _ address: StreamAddress, on loop: EventLoop, spreadOver loops: [EventLoop], limits: StreamLimits = StreamLimits(),
    streamLimit: Int = .max, accepted: @escaping @Sendable (ByteStream) -> Void
  ) throws(StreamError) {
    try self.init(address, loop, others: loops, limits, streamLimit, accepted)
  }

  private init(
    _ address: StreamAddress, _ loop: EventLoop, others: [EventLoop], _ limits: StreamLimits, _ streamLimit: Int,
    _ accepted: @escaping (ByteStream) -> Void
  ) throws(StreamError) {
    precondition(loop.isCurrent)
    precondition(streamLimit > 0)
    self.others = others
    self.loop = loop
    self.limits = limits
    self.streamLimit = streamLimit
    self.accepted = accepted
    descriptor = try Self.listen(at: address)
    switch address {
    case .tcp(let host, let port):
      self.address = .tcp(host: host, port: SocketAddress.boundPort(of: descriptor) ?? port)
    case .unix: self.address = address
    }
    resume()
  }

  deinit {
    if !isClosed { Glibc.close(descriptor) }
  }

  /// Stops accepting and gives the address back; streams that were accepted live on. Harmless when repeated.
  package func close() {
    precondition(loop.isCurrent)
    guard !isClosed else { return }
    suspend()
    isClosed = true
    accepted = nil
    retry?.cancel()
    if case .unix(let path) = address { unsafe unlink(path) }
    Glibc.close(descriptor)
  }

  // MARK: accepting

  private func acceptWhatThereIs() {
    for _ in 0..<StreamLimits.acceptsPerTurn {
      guard !isClosed, registration != nil else { return }
      guard openCount < streamLimit else { return suspend() }
      let connection = accept4(descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
      guard connection >= 0 else { return acceptFailed(errno) }
      if case .tcp = address { setNoDelay(connection) }
      openCount += 1
      handOver(connection)
    }
  }

  private func handOver(_ connection: Int32) {
    var home = loop
    if !others.isEmpty {
      home = others[nextOther]
      nextOther = (nextOther + 1) % others.count
    }
    let stream = ByteStream(socket: connection, on: home, limits: limits)
    guard home !== loop else {
      stream.closed = { [weak self] in self?.streamClosed() }
      accepted?(stream)
      return
    }
    let loop = loop
    stream.closed = { [weak self] in loop.execute { [weak self] in self?.streamClosed() } }
    let handOver = HandOver(accepted: accepted)
    home.execute { handOver.accepted?(stream) }
  }

  /// Takes the call to another loop: the initialiser that names loops takes only calls that may go there.
  private struct HandOver: @unchecked Sendable {
    let accepted: ((ByteStream) -> Void)?
  }

  private func acceptFailed(_ number: Int32) {
    switch number {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM:
      suspend()
      // Descriptors may be given back by others than our streams: look again after a while.
      retry = loop.schedule(after: StreamLimits.listenerRetry) { [weak self] in self?.resume() }
    default:
      break  // EAGAIN, or a caller that has gone again: the next one is reported
    }
  }

  private func streamClosed() {
    openCount -= 1
    if isSuspended { resume() }
  }

  private func suspend() {
    if let registration { loop.unwatch(registration) }
    registration = nil
  }

  private func resume() {
    retry?.cancel()
    retry = nil
    guard !isClosed, registration == nil else { return }
    do {
      registration = try loop.watch(descriptor, .readLevel) { [weak self] _ in self?.acceptWhatThereIs() }
    } catch {
      retry = loop.schedule(after: StreamLimits.listenerRetry) { [weak self] in self?.resume() }
    }
  }

  // MARK: listening

  private static func listen(at address: StreamAddress) throws(StreamError) -> Int32 {
    let socketAddress = try SocketAddress(address)
    if case .unix(let path) = address { try clearStalePath(path, socketAddress) }
    let descriptor = socket(
      socketAddress.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw StreamError(call: "socket", number: errno) }
    if socketAddress.family == AF_UNIX {
      // Before the path exists, so that it never exists with another mode.
      fchmod(descriptor, 0o600)
    } else {
      var one: Int32 = 1
      unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    }
    let bound = unsafe socketAddress.withPointer { unsafe bind(descriptor, $0, $1) }
    guard bound == 0, Glibc.listen(descriptor, StreamLimits.backlog) == 0 else {
      let error = StreamError(call: "listening at \(address)", number: errno)
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }

  /// Removes the socket of a process that has died: one that refuses a connection.
  private static func clearStalePath(_ path: String, _ address: SocketAddress) throws(StreamError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { throw StreamError(call: "socket", number: errno) }
    defer { Glibc.close(probe) }
    let connected = unsafe address.withPointer { unsafe Glibc.connect(probe, $0, $1) }
    if connected != 0, errno == ECONNREFUSED { unsafe unlink(path) }
  }
}
