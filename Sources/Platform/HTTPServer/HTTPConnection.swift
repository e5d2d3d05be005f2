internal import EventLoop
internal import Streams

/// One client: reads requests one at a time, gives them to their handlers, and writes the answers in order.
///
/// Requests that were sent ahead wait in the stream, and beyond its bounds in the kernel, until the one before is answered.
/// Confined to its loop, which makes it Sendable. The server keeps it alive until its stream is closed.
final class HTTPConnection: ByteStreamDelegate, @unchecked Sendable {
  /// Where it stands; each goes only to the next ones.
  enum Phase {
    /// Reads and answers requests.
    case open
    /// Has given its last answer and half-closed; what still comes is dropped, within bounds.
    case lingering
    case closed
  }

  let stream: ByteStream
  let server: HTTPServer
  private(set) var phase = Phase.open
  private var parser: RequestParser
  private var deadline: LoopInstant
  private var timer: LoopTimer?
  private var timerDue = LoopInstant(nanoseconds: .max)
  private var unsentAtDeadline = Int.max
  private var lingered = 0

  /// The request that is being read or answered.
  private var exchange: HTTPExchange?
  private var task: Task<Void, Never>?
  private var keepsAlive = true
  private var isReceivingBody = false
  private var isBeingHandled = false
  private var isMidHead = false
  private var handledSince = LoopInstant(nanoseconds: 0)
  private var isDraining = false

  init(_ stream: ByteStream, of server: HTTPServer) {
    self.stream = stream
    self.server = server
    parser = RequestParser(limits: server.limits)
    deadline = server.loop.now + server.limits.head
  }

  func start() {
    do {
      try stream.start(self)
      watchDeadline()
    } catch {
      close()
    }
  }

  // MARK: reading

  func stream(_ stream: ByteStream, received bytes: Span<UInt8>) -> Int {
    switch phase {
    case .open: return read(bytes)
    case .lingering:
      lingered += bytes.count
      if lingered > server.limits.lingeringBytes { stream.close() }
      return bytes.count
    case .closed: return bytes.count
    }
  }

  /// Parses as far as it may and says how much is done with. What it leaves behind waits, and so does the client.
  private func read(_ bytes: Span<UInt8>) -> Int {
    var used = 0
    while phase == .open {
      if isBeingHandled || stream.isAboveHighWater {
        if used < bytes.count || stream.isAboveHighWater { stream.pauseReading() }
        return used
      }
      var consumed = 0
      do throws(HTTPRefusal) {
        let rest = bytes.extracting(droppingFirst: used)
        let event = try parser.next(rest, consumed: &consumed)
        if event == .needsMore {
          if !rest.isEmpty { awaitMore() }
          return used
        }
        try handle(event, rest, consumed)
        used += consumed
      } catch {
        refuse(error)
      }
    }
    return bytes.count
  }

  private func awaitMore() {
    guard exchange == nil, !isMidHead else { return }
    isMidHead = true
    deadline = server.loop.now + server.limits.head
    watchDeadline()
  }

  private func handle(_ event: RequestParser.Event, _ rest: Span<UInt8>, _ consumed: Int) throws(HTTPRefusal) {
    switch event {
    case .needsMore, .framing: break
    case .head: try begin(rest.extracting(first: consumed), hasMore: consumed < rest.count)
    case .body(let range): try receive(rest.extracting(range))
    case .end: run()
    }
  }

  /// The head is whole: finds the route, and refuses what will be refused before the client sends the body.
  private func begin(_ bytes: Span<UInt8>, hasMore: Bool) throws(HTTPRefusal) {
    let head = parser.head
    isMidHead = false
    keepsAlive = head.keepsAlive
    let method = HTTPMethod(bytes.extracting(head.method))
    switch try server.router.match(method, path: bytes.extracting(head.path)) {
    case .nothing: throw HTTPRefusal(.notFound, "Nothing is at this path.")
    case .otherMethods(let methods):
      throw HTTPRefusal(.methodNotAllowed, "This path does not have this method.", allowed: methods)
    case .route(let route, let parameters):
      guard (head.contentLength ?? 0) <= route.bodyLimitBytes else { throw contentTooLarge(route.bodyLimitBytes) }
      let copy = unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) }
      exchange = HTTPExchange(self, method ?? .get, bytes: copy, head: head, route, parameters)
    }
    guard head.hasBody else { return }
    if let response = refusalBeforeBody(head) { return refuse(response) }
    isReceivingBody = true
    deadline = server.loop.now + server.limits.stall
    if head.expectsContinue, !hasMore { stream.write { $0.append("HTTP/1.1 100 Continue\r\n\r\n") } }
  }

  private func refusalBeforeBody(_ head: RequestHead) -> HTTPResponse? {
    guard let exchange, let admission = exchange.admission, head.contentLength ?? .max > admission.aboveBytes else {
      return nil
    }
    return admission.check(exchange)
  }

  private func receive(_ bytes: Span<UInt8>) throws(HTTPRefusal) {
    guard let exchange else { preconditionFailure("a body follows a head") }
    guard exchange.body.count + bytes.count <= exchange.bodyLimitBytes else {
      throw contentTooLarge(exchange.bodyLimitBytes)
    }
    guard server.heldBodyBytes + bytes.count <= server.limits.heldBodyBytes else {
      throw HTTPRefusal(.overloaded, "The server holds as many bodies as it may.")
    }
    server.heldBodyBytes += bytes.count
    unsafe bytes.withUnsafeBufferPointer { unsafe exchange.body.append(contentsOf: $0) }
    deadline = server.loop.now + server.limits.stall
  }

  private func contentTooLarge(_ limit: Int) -> HTTPRefusal {
    HTTPRefusal(.contentTooLarge, "The body is larger than \(limit) bytes.")
  }

  /// The request is whole: gives it to its handler. No deadline is kept meanwhile: how long it may take is the handler's.
  private func run() {
    guard let exchange else { preconditionFailure("an end follows a head") }
    isReceivingBody = false
    isBeingHandled = true
    deadline = LoopInstant(nanoseconds: .max)
    handledSince = server.loop.now
    switch exchange.handler {
    case .call(let handler): handler(exchange)
    case .task(let handler):
      task = server.loop.spawn {
        let response = await handler(exchange)
        exchange.respond(response)
      }
    }
  }

  // MARK: answering

  /// For the exchange, which calls it once.
  func answer(_ answered: HTTPExchange, _ response: HTTPResponse) {
    precondition(server.loop.isCurrent)
    guard answered === exchange, phase == .open else { return }
    precondition(isBeingHandled)
    releaseExchange()
    unsentAtDeadline = .max
    let stays = keepsAlive && !stream.hasReachedEnd && !isDraining
    write(response, to: answered.method, then: stays ? (answered.isHTTP10 ? .staySaying : .stay) : .close)
    server.observer?.answered(
      answered.method, pattern: answered.pattern, status: response.status, requestBytes: answered.body.count,
      responseBytes: response.body.count, after: server.loop.now - handledSince)
    guard stays else { return linger() }
    deadline = server.loop.now + server.limits.idle
    watchDeadline()
    if stream.isPaused { stream.resumeReading() }
  }

  /// Answers a request that no handler sees, and ends the connection: what follows it has no meaning.
  private func refuse(_ refusal: HTTPRefusal) {
    server.observer?.refused(refusal.code)
    var response = server.refusal(refusal)
    if !refusal.allowed.isEmpty {
      response.fields.append(("Allow", refusal.allowed.map(\.rawValue).joined(separator: ", ")))
    }
    end(with: response)
  }

  /// Answers what its route does not admit, unread, and ends the connection: its body may be on the way.
  private func refuse(_ response: HTTPResponse) {
    if let exchange {
      server.observer?.answered(
        exchange.method, pattern: exchange.pattern, status: response.status, requestBytes: 0,
        responseBytes: response.body.count, after: .zero)
    }
    end(with: response)
  }

  private func end(with response: HTTPResponse) {
    let method = exchange?.method ?? .get
    exchange?.abandon()
    releaseExchange()
    write(response, to: method, then: .close)
    linger()
  }

  /// The exchange has given its body away: its bytes count no more.
  func bodyTaken(_ count: Int) { server.heldBodyBytes -= count }

  private func releaseExchange() {
    if let exchange { server.heldBodyBytes -= exchange.body.count }
    exchange = nil
    task = nil
    isBeingHandled = false
    isReceivingBody = false
  }

  /// Ends the connection so that the client sees the answer.
  private func linger() {
    phase = .lingering
    stream.finishWriting()
    deadline = server.loop.now + server.limits.lingering
    watchDeadline()
    if stream.isPaused { stream.resumeReading() }
  }

  // MARK: ends

  func streamReachedEnd(_ stream: ByteStream) {
    switch phase {
    case .open: clientFinished()
    case .lingering: stream.closeWhenFlushed()
    case .closed: break
    }
  }

  private func clientFinished() {
    guard let exchange, isBeingHandled else {
      // Between requests, or before one is whole: there is nothing to answer but what was answered already.
      return stream.closeWhenFlushed()
    }
    task?.cancel()
    if exchange.clientLeft() { stream.close() }
  }

  func streamDrained(_ stream: ByteStream) {
    if phase == .open, !isBeingHandled { stream.resumeReading() }
  }

  func streamClosed(_ stream: ByteStream, reason: StreamCloseReason) { close() }

  private func close() {
    guard phase != .closed else { return }
    phase = .closed
    timer?.cancel()
    timer = nil
    task?.cancel()
    let abandoned = exchange
    releaseExchange()
    abandoned?.abandon()
    server.connectionClosed(self)
  }

  /// Ends it as soon as the request that has begun is answered.
  func drain() {
    isDraining = true
    if phase == .open, exchange == nil, !isMidHead { linger() }
  }

  /// Ends it at once.
  func cutOff() { stream.close() }

  // MARK: deadlines

  /// One timer for each connection: it looks when it is due whether the deadline has moved meanwhile.
  private func watchDeadline() {
    if let timer, timer.isPending, timerDue <= deadline { return }
    timer?.cancel()
    guard deadline.nanoseconds < .max else { return }
    timerDue = deadline
    timer = server.loop.schedule(at: deadline) { [weak self] in self?.deadlineMayHavePassed() }
  }

  private func deadlineMayHavePassed() {
    guard phase != .closed else { return }
    guard server.loop.now >= deadline else { return watchDeadline() }
    if stream.unsentCount > 0, stream.unsentCount < unsentAtDeadline {
      // The client takes the answer, if slowly.
      unsentAtDeadline = stream.unsentCount
      deadline = server.loop.now + server.limits.stall
      return watchDeadline()
    }
    switch phase {
    case .open where isMidHead || isReceivingBody:
      refuse(HTTPRefusal(.timeout, "The request did not come in time."))
    case .open, .lingering, .closed: stream.close()
    }
  }
}
