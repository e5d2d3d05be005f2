internal import CRdKafka
package import EventLoop
package import LogRecords

/// Appends records to the log: acknowledged by all in-sync replicas, each once and in order per partition.
///
/// Confined to its loop, which makes it Sendable. Every `send` is answered exactly once on the loop, also when the record is
/// refused or the producer closed. `@safe`: the topic handles are made and freed here, while the client is open.
@safe package final class LogProducer: @unchecked Sendable {
  /// The bounds of a producer, and how patient it is.
  package struct Limits: Sendable {
    /// Records that may wait for their acknowledgement; one more is refused with `queueFull`.
    package var queuedRecords = 100_000
    /// Kibibytes that may wait; the record that would exceed them is refused with `queueFull`.
    package var queuedKibibytes = 262_144
    /// The largest record, with its headers; a larger one is refused with `tooLarge`. Topics have limits of their own.
    package var recordBytes = 9 << 20
    /// How long a record is tried before it is given up with `timedOut`; it may be on the log even so.
    package var deliveryTimeout: Duration = .seconds(30)
    /// How long a record may wait for company in its batch.
    package var linger: Duration = .zero
    /// The limits as they stand above.
    package init() {}
  }

  /// What the producer has done so far.
  package struct Counters: Sendable, Equatable {
    /// Records given to `send`.
    package var sent = 0
    /// Records acknowledged by the log.
    package var acknowledged = 0
    /// Records refused or given up.
    package var failed = 0
    /// Records waiting for their acknowledgement now.
    package var waiting: Int { sent - acknowledged - failed }
  }

  package typealias Completion = (Swift.Result<RecordPosition, EventLogError>) -> Void

  private struct Pending {
    let topic: String
    let completed: Completion
  }

  private let client: ClientHandle
  private let logged: ((Int32, String) -> Void)?
  private var topics: [String: OpaquePointer] = unsafe [:]
  private var pending: [Pending?] = []
  private var freeSlots: [Int] = []
  private var waitingForEmpty: [() -> Void] = []
  /// What has been sent, acknowledged and failed.
  package private(set) var counters = Counters()
  /// Called once when the producer is of no more use (fenced, out of sequence): make a new one.
  package var failed: ((EventLogError) -> Void)?

  /// Makes a producer; brokers are connected when the first record is sent. On the loop only.
  ///
  /// - Throws: ``EventLogError`` with `configuration` where a setting is wrong.
  package init(loop: EventLoop, options: EventLogOptions, limits: Limits = Limits()) throws(EventLogError) {
    let settings = LogProducer.settings(limits) + options.librarySettings.map { ($0.key, $0.value) }
    logged = options.logged
    client = try ClientHandle(
      RD_KAFKA_PRODUCER, loop: loop, settings: options.commonSettings + settings,
      events: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG)
    client.drain = { [weak self] in self?.drain() ?? false }
  }

  private static func settings(_ limits: Limits) -> [(String, String)] {
    [
      ("acks", "all"),
      ("enable.idempotence", "true"),
      ("partitioner", "murmur2_random"),
      ("linger.ms", String(limits.linger.milliseconds)),
      ("queue.buffering.max.messages", String(limits.queuedRecords)),
      ("queue.buffering.max.kbytes", String(limits.queuedKibibytes)),
      ("message.max.bytes", String(limits.recordBytes)),
      // Below the topics' default limit of a batch, so that only a single large record needs a raised one.
      ("batch.size", "1000000"),
      ("message.timeout.ms", String(limits.deliveryTimeout.milliseconds)),
      ("request.timeout.ms", String(min(10_000, limits.deliveryTimeout.milliseconds))),
      ("retry.backoff.ms", "50"),
    ]
  }

  // MARK: sending

  /// Appends a record and calls `completed` on the loop, never within this call, with where it stands or why it does not.
  package func send(_ record: OutgoingRecord, _ completed: @escaping Completion) {
    precondition(client.loop.isCurrent)
    counters.sent += 1
    guard client.isOpen else { return refuse(EventLogError(.closed, "the producer is closed"), completed) }
    let slot = takeSlot(Pending(topic: record.topic, completed: completed))
    if let error = produce(record, slot) {
      release(slot)
      refuse(error, completed)
    }
  }

  /// Appends a record and returns where it stands.
  package func send(_ record: OutgoingRecord) async throws -> RecordPosition {
    try await withCheckedThrowingContinuation { continuation in
      send(record) { continuation.resume(with: $0) }
    }
  }

  private func refuse(_ error: EventLogError, _ completed: @escaping Completion) {
    client.loop.nextRound { [self] in
      counters.failed += 1
      completed(.failure(error))
    }
  }

  /// Gives the record to the library, which copies it. The slot comes back with the delivery report.
  private func produce(_ record: OutgoingRecord, _ slot: Int) -> EventLogError? {
    guard let topic = unsafe topic(record.topic) else {
      return EventLogError(.invalidRequest, "\(record.topic) is no name for a topic")
    }
    let headers = unsafe headers(record.headers)
    let number = unsafe LogProducer.withBytes(record.key) { key, keySize in
      unsafe LogProducer.withBytes(record.value) { value, valueSize in
        unsafe crdkafka_produce(
          client.raw, topic, record.partition ?? -1, key, keySize, value, valueSize, headers,
          UnsafeMutableRawPointer(bitPattern: slot + 1))
      }
    }
    guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
    if number == RD_KAFKA_RESP_ERR__FATAL, let error = client.fatalFailure() { return error }
    return EventLogError(number)
  }

  private static func withBytes<Value>(_ bytes: [UInt8]?, _ body: (UnsafeRawPointer?, Int) -> Value) -> Value {
    guard let bytes else { return body(nil, 0) }
    // An empty array may have no address, and no address means "none" to the library.
    guard !bytes.isEmpty else { return unsafe withUnsafeBytes(of: UInt8(0)) { unsafe body($0.baseAddress, 0) } }
    return unsafe bytes.withUnsafeBytes { unsafe body($0.baseAddress, $0.count) }
  }

  private func headers(_ headers: RecordHeaders) -> OpaquePointer? {
    guard headers.count > 0 else { return nil }
    let list = unsafe rd_kafka_headers_new(headers.count)
    unsafe headers.forEachField { name, value in
      unsafe rd_kafka_header_add(
        list, name.baseAddress?.assumingMemoryBound(to: CChar.self), name.count,
        value.baseAddress ?? name.baseAddress, value.count)
    }
    return unsafe list
  }

  private func topic(_ name: String) -> OpaquePointer? {
    if let known = unsafe topics[name] { return unsafe known }
    guard let made = unsafe rd_kafka_topic_new(client.raw, name, nil) else { return nil }
    unsafe topics[name] = made
    return unsafe made
  }

  private func takeSlot(_ waiting: Pending) -> Int {
    if let slot = freeSlots.popLast() {
      pending[slot] = waiting
      return slot
    }
    pending.append(waiting)
    return pending.count - 1
  }

  @discardableResult
  private func release(_ slot: Int) -> Pending? {
    let waiting = pending[slot]
    pending[slot] = nil
    freeSlots.append(slot)
    return waiting
  }

  // MARK: acknowledgements

  private func drain() -> Bool {
    var handled = 0
    while client.isOpen, handled < EventLogLimits.eventsPerTurn {
      guard let event = unsafe client.nextEvent() else { return false }
      handled += unsafe handle(event)
      unsafe rd_kafka_event_destroy(event)
    }
    return client.isOpen
  }

  private func handle(_ event: OpaquePointer) -> Int {
    switch unsafe rd_kafka_event_type(event) {
    case RD_KAFKA_EVENT_DR:
      var count = 0
      while let message = unsafe rd_kafka_event_message_next(event) {
        unsafe deliver(message)
        count += 1
      }
      return count
    case RD_KAFKA_EVENT_ERROR:
      report(unsafe client.error(of: event))
    case RD_KAFKA_EVENT_LOG:
      unsafe ClientHandle.forward(log: event, to: logged)
    default:
      break
    }
    return 1
  }

  private func deliver(_ message: UnsafePointer<rd_kafka_message_t>) {
    let slot = unsafe Int(bitPattern: message.pointee._private) - 1
    guard let waiting = release(slot) else { preconditionFailure("the library reported a record twice") }
    let number = unsafe message.pointee.err
    if number == RD_KAFKA_RESP_ERR_NO_ERROR {
      counters.acknowledged += 1
      let partition = TopicPartition(waiting.topic, unsafe message.pointee.partition)
      waiting.completed(.success(RecordPosition(partition, offset: unsafe message.pointee.offset)))
    } else {
      counters.failed += 1
      let fatal = number == RD_KAFKA_RESP_ERR__FATAL ? client.fatalFailure() : nil
      waiting.completed(.failure(fatal ?? EventLogError(number)))
    }
    if counters.waiting == 0 { answerFlushes() }
  }

  private func report(_ error: EventLogError) {
    if error.isFatal {
      let failed = failed
      self.failed = nil
      failed?(error)
    } else {
      logged?(4, error.description)
    }
  }

  // MARK: flush and close

  /// Returns when every record sent has been answered, or after `limit`.
  package func flush(within limit: Duration) async {
    precondition(client.loop.isCurrent)
    guard counters.waiting > 0 else { return }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      var waiting: CheckedContinuation<Void, Never>? = continuation
      let answer = {
        waiting?.resume()
        waiting = nil
      }
      client.loop.schedule(after: limit, answer)
      waitingForEmpty.append(answer)
      if counters.waiting == 0 { answerFlushes() }
    }
  }

  private func answerFlushes() {
    let waiting = waitingForEmpty
    waitingForEmpty = []
    for answer in waiting { answer() }
  }

  /// Gives up what is not acknowledged (each is answered with `closed`; it may be on the log even so) and frees the client.
  package func close() async {
    precondition(client.loop.isCurrent)
    guard client.isOpen else { return }
    unsafe rd_kafka_purge(client.raw, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    _ = drain()
    await flush(within: .seconds(1))
    failed = nil
    unsafe topics.values.forEach { unsafe rd_kafka_topic_destroy($0) }
    unsafe topics = [:]
    await client.close()
    for slot in pending.indices {
      guard let waiting = release(slot) else { continue }
      counters.failed += 1
      waiting.completed(.failure(EventLogError(.closed, "the producer was closed before the log acknowledged")))
    }
    answerFlushes()
  }
}
