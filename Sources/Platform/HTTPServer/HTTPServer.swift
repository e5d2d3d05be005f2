package import EventLoop
package import Streams

/// An HTTP/1.1 server on a loop: listeners, their connections, and what they have in common.
///
/// Everything is called on the loop: that confinement makes it Sendable.
package final class HTTPServer: @unchecked Sendable {
  let loop: EventLoop
  let router: HTTPRouter
  let limits: HTTPLimits
  let refusal: (HTTPRefusal) -> HTTPResponse
  weak var observer: (any HTTPServerObserver)?
  private var listeners: [StreamListener] = []
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private var drained: [CheckedContinuation<Void, Never>] = []
  /// Bytes of bodies that the connections hold.
  var heldBodyBytes = 0
  private(set) var isDraining = false
  private var dateSecond: Int64 = .min
  private var dateText: [UInt8] = []

  /// A server that listens nowhere yet. `refusal` words the answers to requests that no handler sees; the server sees to
  /// `Allow` and to closing. The observer is not kept alive.
  package init(
    loop: EventLoop, router: HTTPRouter, limits: HTTPLimits = HTTPLimits(), observer: (any HTTPServerObserver)? = nil,
    refusal: @escaping (HTTPRefusal) -> HTTPResponse = HTTPServer.plainRefusal
  ) {
    self.loop = loop
    self.router = router
    self.limits = limits
    self.observer = observer
    self.refusal = refusal
  }

  /// A refusal as a line of plain text.
  package static func plainRefusal(_ refusal: HTTPRefusal) -> HTTPResponse {
    .text(refusal.detail + "\n", status: refusal.code.status)
  }

  /// Connections open now.
  package var connectionCount: Int { connections.count }

  /// Listens at an address, one of several perhaps, and answers where: with the port the system chose.
  ///
  /// - Throws: ``StreamError``: `addressInUse`, `invalidAddress`, `denied`, `noDescriptor`.
  @discardableResult
  package func listen(at address: StreamAddress) throws(StreamError) -> StreamAddress {
    precondition(loop.isCurrent)
    var streamLimits = StreamLimits()
    streamLimits.unconsumedBytes = max(streamLimits.unconsumedBytes, 2 * limits.headBytes)
    let listener = try StreamListener(address, on: loop, limits: streamLimits, streamLimit: limits.connections) {
      [weak self] in self?.accept($0)
    }
    listeners.append(listener)
    return listener.address
  }

  /// Stops accepting, lets the requests that have begun be answered, closes their connections, and returns when all are
  /// closed or `limit` has passed; what is left then is cut off.
  package func drain(within limit: Duration) async {
    precondition(loop.isCurrent)
    isDraining = true
    for listener in listeners { listener.close() }
    listeners = []
    for connection in connections.values { connection.drain() }
    let deadline = loop.schedule(after: limit) { [weak self] in self?.close() }
    if !connections.isEmpty { await withCheckedContinuation { drained.append($0) } }
    deadline.cancel()
  }

  /// Stops accepting and cuts every connection off.
  package func close() {
    precondition(loop.isCurrent)
    for listener in listeners { listener.close() }
    listeners = []
    for connection in connections.values { connection.cutOff() }
  }

  private func accept(_ stream: ByteStream) {
    let connection = HTTPConnection(stream, of: self)
    connections[ObjectIdentifier(connection)] = connection
    observer?.connectionOpened()
    connection.start()
  }

  func connectionClosed(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    observer?.connectionClosed()
    guard connections.isEmpty, !drained.isEmpty else { return }
    let waiting = drained
    drained = []
    for continuation in waiting { continuation.resume() }
  }

  /// The Date field's value, made once a second.
  func date() -> [UInt8] {
    let second = HTTPDate.currentSecond()
    if second != dateSecond {
      dateSecond = second
      dateText = HTTPDate.text(second: second)
    }
    return dateText
  }
}
