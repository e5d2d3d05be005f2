internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Streams
internal import Telemetry

/// One client: frames in, frames out in the same order. Confined to its loop, which makes it Sendable.
///
/// While a request is under way nothing is read: that keeps the order, holds a fast sender back, and bounds what the connection
/// holds. Only Produce may be followed before it is answered: its batches stand in the log by then, and what it waits for is
/// the disk, which takes those of several requests at once. What is no request of ours ends the connection and nothing else.
final class BrokerConnection: ByteStreamDelegate, @unchecked Sendable {
  private let stream: ByteStream
  private let router: RequestRouter
  private let budgets: ConnectionBudgets
  private let clientHost: String
  private let closed: (BrokerConnection) -> Void
  private let metrics = BrokerMetrics.shared
  private let logger = Logger(label: "broker.connection")

  /// The frame that is being read: bytes of the length first, then those of the frame.
  private var lengthBytes: [UInt8] = []
  private var frame: [UInt8] = []
  private var frameByteCount: Int?
  /// Bytes of the frame that may be held, and those of them that the budget counts.
  private var grantedBytes = 0
  private var countedBytes = 0
  private var state = State.reading
  private var answers = AnswerQueue()
  private var sendState = SendState.idle
  /// Whether the client sends no more; it gets the answers that it still waits for.
  private var hasEnded = false
  /// The answer that goes out in pieces, and what it holds of the budget.
  private var sending: PiecedAnswer?
  private var responseBytes = 0
  private var lastActivity: LoopInstant
  private var frameBegan: LoopInstant

  private enum State {
    case reading
    /// The budget has no room for the frame yet.
    case waitingForRoom
    /// Nothing is read until answers have gone out.
    case held
    case closed
  }

  private enum SendState {
    case idle
    /// The client takes more before more is sent.
    case draining
    /// A piece of the answer is being read from the disk.
    case readingPiece
  }

  init(
    _ stream: ByteStream, _ router: RequestRouter, _ budgets: ConnectionBudgets, clientHost: String,
    closed: @escaping (BrokerConnection) -> Void
  ) {
    self.stream = stream
    self.router = router
    self.budgets = budgets
    self.clientHost = clientHost
    self.closed = closed
    lastActivity = stream.loop.now
    frameBegan = lastActivity
  }

  func start() throws(StreamError) { try stream.start(self) }

  /// Closes at once.
  func close() { stream.close() }

  /// Whether it has been silent for too long, or takes too long over a request.
  func isOverdue(at now: LoopInstant) -> Bool {
    switch (state, sendState) {
    case (.reading, _) where frameByteCount != nil: now - frameBegan > budgets.limits.frameTime
    case (.reading, _), (.held, .draining): now - lastActivity > budgets.limits.idleTime
    // Nobody is there for the answer; but who has sent several requests and gone has them all handled.
    case (.held, .idle): stream.peerHasHungUp && now - lastActivity > budgets.limits.frameTime
    case (.waitingForRoom, _), (.held, .readingPiece), (.closed, _): false
    }
  }

  // MARK: reading

  func stream(_ stream: ByteStream, received bytes: Span<UInt8>) -> Int {
    var consumed = 0
    while consumed < bytes.count, state == .reading {
      lastActivity = stream.loop.now
      consumed += take(bytes.extracting(consumed...))
    }
    metrics.received.increment(by: consumed)
    return consumed
  }

  /// Takes what belongs to the frame under way, and handles it once it is whole; answers how many bytes that were.
  private func take(_ bytes: Span<UInt8>) -> Int {
    guard let wanted = frameByteCount else { return takeLength(bytes) }
    guard hasRoom(in: wanted) else { return 0 }
    let count = min(bytes.count, grantedBytes - frame.count)
    unsafe bytes.extracting(..<count).withUnsafeBufferPointer { unsafe frame.append(contentsOf: $0) }
    if frame.count == wanted { handleFrame() }
    return count
  }

  private func takeLength(_ bytes: Span<UInt8>) -> Int {
    let count = min(bytes.count, 4 - lengthBytes.count)
    for index in 0..<count { lengthBytes.append(bytes[index]) }
    guard lengthBytes.count == 4 else { return count }
    let length = lengthBytes.reduce(Int32(0)) { $0 << 8 | Int32($1) }
    lengthBytes = []
    guard length > 0, Int(length) <= BrokerLimits.requestBytes else {
      refuse("a frame of \(length) bytes")
      return count
    }
    frameByteCount = Int(length)
    frameBegan = stream.loop.now
    // Small requests are not counted: what keeps a group alive gets through whatever others send.
    grantedBytes = min(Int(length), BrokerLimits.uncountedRequestBytes)
    return count
  }

  /// Whether more of the frame may be held; where not, the connection waits until it may. Memory is taken as bytes come, never by
  /// what a length claims.
  private func hasRoom(in wanted: Int) -> Bool {
    guard frame.count == grantedBytes else { return true }
    let step = min(wanted - grantedBytes, max(grantedBytes, BrokerLimits.requestStepBytes))
    grantedBytes += step
    countedBytes += step
    if budgets.requests.take(step, for: ObjectIdentifier(self), on: stream.loop, orCall: { [self] in roomIsThere() }) {
      return true
    }
    metrics.stalls.increment()
    pause(.waitingForRoom)
    return false
  }

  private func roomIsThere() {
    guard state == .waitingForRoom else { return releaseFrame() }
    // It was not the client that took so long.
    frameBegan = stream.loop.now
    state = .held
    goOn()
  }

  private func pause(_ state: State) {
    self.state = state
    stream.pauseReading()
  }

  /// Reads again where nothing is in the way.
  private func goOn() {
    guard state == .held, sendState == .idle, answers.hasRoom else { return }
    state = .reading
    lastActivity = stream.loop.now
    if stream.isPaused { stream.resumeReading() }
  }

  private func refuse(_ why: String) {
    logger.info("connection refused", [(BrokerSignals.client, clientHost), (BrokerSignals.reason, why)])
    stream.close()
  }

  // MARK: handling

  private func handleFrame() {
    let bytes = frame[...]
    frame = []
    state = .held
    do throws(WireError) {
      let request = try router.request(in: bytes)
      let slot = answers.add(request.mayBeFollowed ? .followed(byteCount: bytes.count) : .alone)
      try router.handle(request, on: stream.loop, clientHost: clientHost) { [self] reply in finish(slot, reply) }
      if request.mayBeFollowed { releaseFrame() }
    } catch { return refuse("\(error.message)") }
    goOn()
    if state == .held { stream.pauseReading() }
  }

  private func finish(_ slot: AnswerQueue.Slot, _ reply: RequestRouter.Reply) {
    guard state != .closed else {
      if case .pieces(_, let held) = reply { budgets.responses.give(held) }
      return
    }
    if slot.isAlone { releaseFrame() }
    slot.reply = reply
    sendAnswers()
  }

  /// Sends the answers that are there, up to the first that is not.
  private func sendAnswers() {
    while state != .closed, sendState == .idle, let reply = answers.next() { send(reply) }
    if hasEnded, answers.isEmpty, sendState == .idle { stream.closeWhenFlushed() }
    goOn()
  }

  private func send(_ reply: RequestRouter.Reply) {
    switch reply {
    case .answer(let write):
      // A handler whose answer cannot be written has a fault; its client is better off with a closed connection than with none.
      if let failure = send(write) { return refuse("the answer cannot be written: \(failure.message)") }
      if stream.isAboveHighWater { drain() }
    case .pieces(let answer, let held):
      responseBytes = held
      sending = answer
      drain()
      sendPieces()
    case .nothing: break
    case .close(let why): refuse(why)
    }
  }

  /// Reads nothing until the client has taken what is sent.
  private func drain() {
    sendState = .draining
    if state == .reading { pause(.held) }
  }

  private func send(_ write: (inout [UInt8]) throws(WireError) -> Void) -> WireError? {
    var failure: WireError?
    stream.write { output in
      let start = output.count
      do throws(WireError) { try write(&output) } catch { failure = error }
      metrics.sent.increment(by: output.count - start)
    }
    return failure
  }

  // MARK: sending in pieces

  /// Sends as much as the client takes; goes on when the stream has drained.
  private func sendPieces() {
    while sendState == .draining, let answer = sending, !stream.isAboveHighWater {
      var outcome = Swift.Result<PiecedAnswer.Progress, PartitionLogError>.success(.more)
      stream.write { output in
        let start = output.count
        defer { metrics.sent.increment(by: output.count - start) }
        outcome = Swift.Result { () throws(PartitionLogError) in try answer.next(.cached, into: &output) }
      }
      switch outcome {
      case .success(.more): break
      case .success(.done): sending = nil
      case .success(.blocked): return readPiece(answer)
      case .failure(let error): return refuse("the answer cannot be finished: \(error)")
      }
    }
    guard sendState == .draining, sending == nil, !stream.isAboveHighWater else { return }
    releaseResponse()
    sendState = .idle
    sendAnswers()
  }

  private func readPiece(_ answer: PiecedAnswer) {
    sendState = .readingPiece
    stream.loop.spawn { [self] in
      do {
        let (piece, progress) = try await answer.read()
        guard state != .closed else { return }
        sendState = .draining
        stream.write(piece)
        metrics.sent.increment(by: piece.count)
        if progress == .done { sending = nil }
        sendPieces()
      } catch {
        if state != .closed { refuse("the answer cannot be finished: \(error)") }
      }
    }
  }

  private func releaseFrame() {
    budgets.requests.give(countedBytes, from: ObjectIdentifier(self))
    countedBytes = 0
    grantedBytes = 0
    frameByteCount = nil
  }

  private func releaseResponse() {
    budgets.responses.give(responseBytes)
    responseBytes = 0
  }

  // MARK: the stream's news

  func streamReachedEnd(_ stream: ByteStream) {
    hasEnded = true
    sendAnswers()
  }

  func streamDrained(_ stream: ByteStream) {
    lastActivity = stream.loop.now
    sendPieces()
  }

  func streamClosed(_ stream: ByteStream, reason: StreamCloseReason) {
    if state != .waitingForRoom { releaseFrame() }
    releaseResponse()
    frame = []
    sending = nil
    state = .closed
    closed(self)
  }
}
