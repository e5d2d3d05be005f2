package import EventLoop

/// Bytes both ways over a connected socket, or one way over a pipe, on a loop.
///
/// Reading: bytes are handed to the delegate, which says how many it has consumed; paused, the stream leaves them in the
/// kernel, and the peer is held back. Writing: what a turn writes is gathered and sent at the turn's end by one call;
/// ``isAboveHighWater`` asks the writer to wait for ``ByteStreamDelegate/streamDrained(_:)``. It owns the descriptor.
///
/// Everything is called on the loop: that confinement makes it Sendable. The loop keeps an open stream alive, the stream its
/// delegate, until the stream is closed.
package final class ByteStream: @unchecked Sendable {
  /// The loop it lives on.
  package let loop: EventLoop
  let transport: Transport
  let limits: StreamLimits
  var delegate: (any ByteStreamDelegate)?
  private var registration: Registration?
  /// Called once when the stream has closed, after the delegate: for whoever counts streams.
  var closed: (() -> Void)?

  var input = InputBuffer()
  var kernelMayHaveInput = false
  var isReadingScheduled = false
  var isDelivering = false

  var output: [UInt8] = []
  var sentCount = 0
  var kernelMayHaveRoom = true
  var isFlushScheduled = false
  var ending = Ending.open

  /// How far this side has ended its sending.
  enum Ending { case open, finishWhenFlushed, finished, closeWhenFlushed }

  /// Whether the peer has finished sending or is gone, though not all it sent may have been read.
  package internal(set) var peerHasHungUp = false
  /// Whether the stream is closed. Writes to a closed stream go nowhere.
  package private(set) var isClosed = false
  /// Whether the delegate wants no bytes for now.
  package internal(set) var isPaused = false
  /// Whether the peer has finished sending and all it sent was read.
  package internal(set) var hasReachedEnd = false
  /// Whether there is so much unsent output that the writer should wait until the stream has drained.
  package internal(set) var isAboveHighWater = false

  init(_ transport: Transport, on loop: EventLoop, limits: StreamLimits) {
    self.transport = transport
    self.loop = loop
    self.limits = limits
  }

  /// The number of the host at the other end; empty where it is not connected by TCP.
  package var peerHost: String { SocketAddress.peerHost(of: transport.descriptor) ?? "" }

  /// Takes a connected, non-blocking stream socket (TCP or Unix).
  package convenience init(socket descriptor: Int32, on loop: EventLoop, limits: StreamLimits = StreamLimits()) {
    self.init(.socket(descriptor), on: loop, limits: limits)
  }

  /// Takes one non-blocking end of a pipe, to be read from or written to. The process must ignore SIGPIPE.
  package convenience init(pipe descriptor: Int32, on loop: EventLoop, limits: StreamLimits = StreamLimits()) {
    self.init(.pipe(descriptor), on: loop, limits: limits)
  }

  deinit {
    if !isClosed { transport.close() }
  }

  /// Begins to read and to report. Once, on the loop.
  ///
  /// - Throws: ``StreamError`` where the kernel does not watch the descriptor; the stream is closed then.
  package func start(_ delegate: any ByteStreamDelegate) throws(StreamError) {
    precondition(loop.isCurrent)
    precondition(registration == nil && !isClosed, "a stream is started once")
    self.delegate = delegate
    do {
      registration = try loop.watch(transport.descriptor, .readAndWrite) { [self] in ready($0) }
    } catch {
      self.delegate = nil
      close()
      throw StreamError(.noDescriptor, call: error.call, number: error.number)
    }
    if unsentCount > 0 { scheduleFlush() }
  }

  private func ready(_ readiness: Readiness) {
    if readiness.contains(anyOf: .hungUp) { peerHasHungUp = true }
    if readiness.contains(anyOf: .writable) {
      kernelMayHaveRoom = true
      if unsentCount > 0 { scheduleFlush() }
    }
    if readiness.contains(anyOf: .readable) {
      kernelMayHaveInput = true
      readWhatThereIs()
    }
  }

  /// Closes at once: unsent output is dropped, unread input too (over TCP the peer sees a reset then). Harmless when
  /// repeated.
  package func close() { close(.closedHere) }

  func close(_ reason: StreamCloseReason) {
    precondition(loop.isCurrent)
    guard !isClosed else { return }
    isClosed = true
    if let registration { loop.unwatch(registration) }
    registration = nil
    transport.close()
    output = []
    sentCount = 0
    let (delegate, closed) = (self.delegate, self.closed)
    self.delegate = nil
    self.closed = nil
    delegate?.streamClosed(self, reason: reason)
    closed?()
  }
}
