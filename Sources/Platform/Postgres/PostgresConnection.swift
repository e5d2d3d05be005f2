package import EventLoop

/// One session with the server, pinned to a loop: every call runs on the loop's thread, no thread waits for the socket.
///
/// Statements of concurrent callers are sent at once and answered in order (pipeline mode); each call is a transaction of its
/// own unless it is made through ``withTransaction(_:)``, which has the connection to itself: other calls then fail with
/// `connectionBusy`. Use ``PostgresPool`` to share connections.
///
/// State: connecting → open → closed. A lost connection is closed and stays so.
package actor PostgresConnection {
  enum Phase { case connecting, open, closed }

  /// The loop it is pinned to.
  package nonisolated let loop: EventLoop
  let handle: PostgresHandle
  var phase = Phase.connecting
  /// Why the connection is closed.
  private var end = PostgresError(.closed, "the connection to the database is closed")

  /// Sent and not yet answered, oldest first.
  var operations: [PendingOperation] = []
  /// Whether a question to cancel may be on its way to the server.
  var wasAskedToCancel = false
  var lastOperation = 0
  var prepared: [StatementKey: String] = [:]
  /// The transaction or script that has the connection to itself.
  var holder: Int?
  var lastHolder = 0

  /// Events of the socket so far, and who waits for the next one: connecting, scripts and COPY.
  private(set) var eventCount = 0
  private var seen: Readiness = []
  private var waiter: CheckedContinuation<Void, Never>?
  private var hasTimedOut = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

  /// Threads for what libpq can only do blocking.
  static let blocking: Swift.Result<BlockingPool, EventLoopError> = .init { () throws(EventLoopError) in
    try BlockingPool(
      name: "postgres", threads: PostgresLimits.blockingThreads, queueLimit: PostgresLimits.blockingQueue)
  }

  private init(_ handle: PostgresHandle, on loop: EventLoop) {
    self.handle = handle
    self.loop = loop
  }

  /// Connects, within the options' time.
  ///
  /// - Throws: ``PostgresError``: `configuration` where retrying changes nothing, `connectionFailed` where it may.
  package static func connect(_ options: PostgresOptions, on loop: EventLoop) async throws(PostgresError)
    -> PostgresConnection
  {
    let handle: PostgresHandle
    do {
      handle = try await blocking.get().run { try PostgresHandle(options, loop: loop) }
    } catch {
      throw error as? PostgresError
        ?? PostgresError(.connectionFailed, "the database cannot be reached", details: "\(error)")
    }
    let connection = PostgresConnection(handle, on: loop)
    try await connection.finishConnecting(within: options.connectTimeout)
    return connection
  }

  /// Closes the session; what waits fails with `closed`. Harmless when repeated.
  package func close() { finish(PostgresError(.closed, "the connection to the database is closed")) }

  /// Whether the connection is open, does nothing, is in no transaction, and never was asked to cancel: the server may get
  /// that question when the statement it was about has ended, and would cancel the next one.
  package var isIdle: Bool {
    phase == .open && operations.isEmpty && holder == nil && handle.isTransactionIdle && !wasAskedToCancel
  }

  /// Whether the session has ended.
  package var isClosed: Bool { phase == .closed }

  /// The server's process for this session, as in `pg_stat_activity.pid`.
  package func processID() throws(PostgresError) -> Int32 {
    try requireOpen()
    return handle.backendID
  }

  // MARK: connecting

  private func finishConnecting(within limit: Duration) async throws(PostgresError) {
    let timer = loop.schedule(after: limit) { [weak self] in self?.assumeIsolated { $0.timeOut() } }
    defer { timer.cancel() }
    do throws(PostgresError) {
      try await negotiate()
      guard handle.setNonblocking(), handle.enterPipeline() else { throw .connecting(handle.errorMessage) }
      phase = .open
      try watch()
    } catch {
      finish(error)
      throw error
    }
  }

  /// Steps and waits in turn. libpq begins as if it had asked for room to write.
  private func negotiate() async throws(PostgresError) {
    var awaited = Readiness.writable
    while true {
      try watch()
      while !seen.contains(anyOf: awaited) {
        let count = eventCount
        await nextEvent(after: count)
        if hasTimedOut { throw .connecting("no answer in time") }
        try requireNotClosed()
      }
      switch handle.stepConnecting() {
      case .ready: return
      case .reading: awaited = .readable
      case .writing: awaited = .writable
      case .failed: throw .connecting(handle.errorMessage)
      }
    }
  }

  private func watch() throws(PostgresError) {
    seen = []
    try handle.watch { [weak self] readiness in self?.assumeIsolated { $0.socketReady(readiness) } }
  }

  private func timeOut() {
    hasTimedOut = true
    wakeWaiter()
  }

  // MARK: the socket

  private func socketReady(_ readiness: Readiness) {
    seen.formUnion(readiness)
    if phase == .open { exchange() }
    wakeWaiter()
  }

  /// Reads what has come, sends what is left, hands out the answers.
  private func exchange() {
    switch handle.readAvailable() {
    case .done: break
    case .blocked: loop.nextRound { [weak self] in self?.assumeIsolated { $0.socketReady([]) } }
    case .failed: return lose()
    }
    if handle.flush() == .failed { return lose() }
    if !operations.isEmpty { takeReplies() }
  }

  /// Suspends until the socket has had another event than the first `count`, or the connection has closed.
  func nextEvent(after count: Int) async {
    await withCheckedContinuation { continuation in
      guard eventCount == count, phase != .closed, !hasTimedOut else { return continuation.resume() }
      precondition(waiter == nil, "one script at a time")
      waiter = continuation
    }
  }

  private func wakeWaiter() {
    eventCount += 1
    let waiting = waiter
    waiter = nil
    waiting?.resume()
  }

  // MARK: ending

  func requireOpen() throws(PostgresError) {
    guard phase == .open else { throw end }
  }

  private func requireNotClosed() throws(PostgresError) {
    guard phase != .closed else { throw end }
  }

  /// The connection is of no more use.
  func lose() {
    guard phase != .closed else { return }
    finish(PostgresError(.connectionLost, "the connection to the database broke", details: handle.errorMessage))
  }

  private func finish(_ error: PostgresError) {
    guard phase != .closed else { return }
    phase = .closed
    end = error
    handle.close()
    let unanswered = operations
    operations = []
    for operation in unanswered { operation.complete(.failure(operation.failure ?? error)) }
    wakeWaiter()
  }
}
