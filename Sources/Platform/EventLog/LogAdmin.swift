internal import CRdKafka
package import EventLoop

/// Looks after topics and asks about offsets. Every call suspends; none blocks the loop.
///
/// Confined to its loop, which makes it Sendable. Requests that the library answers by an event wake the loop; the blocking
/// ones run on a thread of this client's.
package final class LogAdmin: @unchecked Sendable {
  /// How long one request may take.
  package let timeout: Duration
  let client: ClientHandle
  let pool: BlockingPool
  private let logged: ((Int32, String) -> Void)?
  private var requests: [Int: CheckedContinuation<AdminAnswer, Never>] = [:]
  private var lastRequest = 0
  private var running = 0
  private var waitingForRunning: [CheckedContinuation<Void, Never>] = []

  /// Makes an admin client; brokers are connected at once. On the loop only.
  ///
  /// - Throws: ``EventLogError`` with `configuration` where a setting is wrong.
  package init(
    loop: EventLoop, options: EventLogOptions, timeout: Duration = .seconds(10)
  ) throws(EventLogError) {
    self.timeout = timeout
    logged = options.logged
    do {
      pool = try BlockingPool(
        name: "log-admin", threads: EventLogLimits.blockingThreads, queueLimit: EventLogLimits.blockingCallsQueued)
    } catch { throw EventLogError(.configuration, error.description) }
    client = try ClientHandle(
      RD_KAFKA_PRODUCER, loop: loop,
      settings: options.commonSettings + options.librarySettings.map { ($0.key, $0.value) },
      events: RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
    client.drain = { [weak self] in self?.drain() ?? false }
  }

  /// Frees the client after the requests that run have ended.
  package func close() async {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { return }
    if running > 0 { await withCheckedContinuation { waitingForRunning.append($0) } }
    await client.close()
  }

  // MARK: requests

  /// Runs a request that the library answers by an event. `start` gets the options that carry its number.
  func ask<Value: Sendable>(
    _ operation: rd_kafka_admin_op_t, _ start: (OpaquePointer) -> Void,
    _ read: (OpaquePointer) throws -> Value
  ) async throws -> Value {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { throw EventLogError(.closed, "the admin client is closed") }
    running += 1
    defer { endRequest() }
    lastRequest += 1
    let id = lastRequest
    let answer = await withCheckedContinuation { continuation in
      requests[id] = continuation
      let options = unsafe rd_kafka_AdminOptions_new(client.raw, operation)!
      unsafe rd_kafka_AdminOptions_set_request_timeout(options, Int32(timeout.milliseconds), nil, 0)
      unsafe rd_kafka_AdminOptions_set_opaque(options, UnsafeMutableRawPointer(bitPattern: id))
      unsafe start(options)
      unsafe rd_kafka_AdminOptions_destroy(options)
    }
    defer { unsafe rd_kafka_event_destroy(answer.event) }
    let number = unsafe rd_kafka_event_error(answer.event)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR else {
      let text = unsafe rd_kafka_event_error_string(answer.event)
      throw EventLogError(number, unsafe text.map { unsafe String(cString: $0) })
    }
    return try unsafe read(answer.event)
  }

  /// Runs a call that blocks, on this client's thread.
  func block<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { throw EventLogError(.closed, "the admin client is closed") }
    running += 1
    defer { endRequest() }
    return try await pool.run(body)
  }

  private func endRequest() {
    running -= 1
    guard running == 0 else { return }
    let waiting = waitingForRunning
    waitingForRunning = []
    for continuation in waiting { continuation.resume() }
  }

  private func drain() -> Bool {
    var handled = 0
    while client.isOpen, handled < EventLogLimits.eventsPerTurn {
      guard let event = unsafe client.nextEvent() else { return false }
      handled += 1
      switch unsafe rd_kafka_event_type(event) {
      case RD_KAFKA_EVENT_LOG:
        unsafe ClientHandle.forward(log: event, to: logged)
      case RD_KAFKA_EVENT_ERROR:
        logged?(4, unsafe client.error(of: event).description)
      default:
        let id = unsafe Int(bitPattern: rd_kafka_event_opaque(event))
        if let waiting = requests.removeValue(forKey: id) {
          waiting.resume(returning: unsafe AdminAnswer(event: event))
          continue
        }
      }
      unsafe rd_kafka_event_destroy(event)
    }
    return client.isOpen
  }
}

/// The event that answers a request. Whoever receives it destroys the event; handed over once, which makes it Sendable.
/// `@safe`: the pointer is used by the one receiver alone.
@safe struct AdminAnswer: @unchecked Sendable {
  let event: OpaquePointer
}
