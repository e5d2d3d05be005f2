internal import CLinux
internal import CRdKafka
internal import EventLoop
internal import Glibc

/// One client of the library, its queue of events, and the eventfd by which the queue wakes the loop.
///
/// It is confined to its loop, which makes it Sendable. `@safe`: the pointers are made in init, freed by ``close()`` alone,
/// and used by the owner only while ``isOpen``; librdkafka's handles may be used from any thread (rdkafka.h, "the handle is
/// thread-safe").
@safe final class ClientHandle: @unchecked Sendable {
  let loop: EventLoop
  let raw: OpaquePointer
  /// Everything but the records of partitions arrives here.
  let queue: OpaquePointer
  private let descriptor: Int32
  private var registration: Registration?
  private(set) var isOpen = true
  private var isScheduled = false
  /// Handles what has arrived, in bounds; answers whether there may be more. Set by the owner, taken back by `close`.
  var drain: (() -> Bool)?

  init(
    _ type: rd_kafka_type_t, loop: EventLoop, settings: [(String, String)], events: Int32
  ) throws(EventLogError) {
    precondition(loop.isCurrent)
    self.loop = loop
    let configuration = try unsafe ClientHandle.configuration(settings, events: events)
    var text = [CChar](repeating: 0, count: 512)
    guard let raw = unsafe rd_kafka_new(type, configuration, &text, text.count) else {
      unsafe rd_kafka_conf_destroy(configuration)
      throw EventLogError(.configuration, ClientHandle.string(text))
    }
    unsafe self.raw = unsafe raw
    unsafe queue = rd_kafka_queue_new(raw)
    descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard descriptor >= 0 else {
      unsafe rd_kafka_queue_destroy(queue)
      unsafe rd_kafka_destroy(raw)
      throw EventLogError(.configuration, "the process has no descriptor to spare")
    }
    do {
      registration = try loop.watch(descriptor, .read) { [weak self] _ in self?.wake() }
    } catch {
      preconditionFailure("an eventfd can always be watched: \(error)")
    }
    unsafe rd_kafka_set_log_queue(raw, queue)
    forwardMainQueue(type)
    unsafe enableWake(queue)
    // The library tells of an empty queue that fills, and this one may hold something already.
    drainSoon()
  }

  private static func configuration(
    _ settings: [(String, String)], events: Int32
  ) throws(EventLogError) -> OpaquePointer {
    let configuration = unsafe rd_kafka_conf_new()!
    var text = [CChar](repeating: 0, count: 512)
    for (name, value) in settings {
      let outcome = unsafe rd_kafka_conf_set(configuration, name, value, &text, text.count)
      guard outcome == RD_KAFKA_CONF_OK else {
        unsafe rd_kafka_conf_destroy(configuration)
        throw EventLogError(.configuration, string(text))
      }
    }
    unsafe rd_kafka_conf_set_events(configuration, events)
    return unsafe configuration
  }

  static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The library's own queues end in ours: the main one, and a consumer's, which must be given up before closing.
  private func forwardMainQueue(_ type: rd_kafka_type_t) {
    if type == RD_KAFKA_CONSUMER {
      unsafe rd_kafka_poll_set_consumer(raw)
      if let consumer = unsafe rd_kafka_queue_get_consumer(raw) {
        unsafe rd_kafka_queue_forward(consumer, queue)
        unsafe rd_kafka_queue_destroy(consumer)
      }
    } else if let main = unsafe rd_kafka_queue_get_main(raw) {
      unsafe rd_kafka_queue_forward(main, queue)
      unsafe rd_kafka_queue_destroy(main)
    }
  }

  /// Lets a queue wake the loop when something arrives in it.
  func enableWake(_ queue: OpaquePointer) {
    var one: UInt64 = 1
    unsafe rd_kafka_queue_io_event_enable(queue, descriptor, &one, 8)
  }

  private func wake() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
    runDrain()
  }

  private func runDrain() {
    guard isOpen, let drain else { return }
    if drain() { drainSoon() }
  }

  /// Drains in the next turn of the loop, when its descriptors have had theirs: there may be more than one turn's bound let
  /// through, or more is wanted.
  func drainSoon() {
    guard isOpen, !isScheduled else { return }
    isScheduled = true
    loop.atEndOfTurn { [self] in
      loop.nextRound { [self] in
        isScheduled = false
        runDrain()
      }
    }
  }

  /// The next event, or nil. The caller destroys it.
  func nextEvent() -> OpaquePointer? { unsafe rd_kafka_queue_poll(queue, 0) }

  /// Frees everything: the threads of the library have ended when this returns, and no descriptor is left.
  func close(flags: Int32 = 0) async {
    precondition(loop.isCurrent)
    guard isOpen else { return }
    isOpen = false
    drain = nil
    if let registration { loop.unwatch(registration) }
    unsafe rd_kafka_queue_io_event_enable(queue, -1, nil, 0)
    unsafe rd_kafka_queue_destroy(queue)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let finish: @Sendable () -> Void = { [self] in
        unsafe rd_kafka_destroy_flags(raw, flags)
        _ = Glibc.close(descriptor)
        continuation.resume()
      }
      // Joining the library's threads blocks; without a thread to spare it has to block here.
      do { try LoopThread.start(name: "log-close", finish) } catch { finish() }
    }
  }
}

/// What every client does with the events that are not its own business.
extension ClientHandle {
  /// The error of an ERROR event; a fatal one with its true reason.
  func error(of event: OpaquePointer) -> EventLogError {
    let number = unsafe rd_kafka_event_error(event)
    guard unsafe rd_kafka_event_error_is_fatal(event) != 0 || number == RD_KAFKA_RESP_ERR__FATAL else {
      let text = unsafe rd_kafka_event_error_string(event)
      return EventLogError(number, unsafe text.map { unsafe String(cString: $0) })
    }
    return fatalFailure() ?? EventLogError(number, isFatal: true)
  }

  /// The error after which the client is of no use, if it has happened.
  func fatalFailure() -> EventLogError? {
    var text = [CChar](repeating: 0, count: 512)
    let number = unsafe rd_kafka_fatal_error(raw, &text, text.count)
    guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return EventLogError(number, ClientHandle.string(text), isFatal: true)
  }

  /// Hands a LOG event to whoever listens.
  static func forward(log event: OpaquePointer, to logged: ((Int32, String) -> Void)?) {
    guard let logged else { return }
    var facility: UnsafePointer<CChar>?
    var text: UnsafePointer<CChar>?
    var level: Int32 = 0
    guard unsafe rd_kafka_event_log(event, &facility, &text, &level) == 0, let text = unsafe text else { return }
    logged(level, unsafe String(cString: text))
  }
}
