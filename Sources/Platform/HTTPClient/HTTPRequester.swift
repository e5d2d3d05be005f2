internal import CCurl
package import EventLoop

/// Sends HTTP requests over connections that it keeps and reuses, with libcurl in the loop.
///
/// ``send(_:)`` may be called from any task; everything else belongs to the loop's thread, and that confinement makes the
/// class Sendable. `@safe`: the multi handle is made in init and freed in ``close()``, and its callbacks come only from calls
/// made here.
@safe package final class HTTPRequester: @unchecked Sendable {
  private static let library: Void = {
    let started = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    precondition(started == CURLE_OK, "libcurl does not start")
  }()

  private let loop: EventLoop
  private let multi: UnsafeMutableRawPointer
  private var registrations: [Int32: Registration] = [:]
  private var exchanges: [ObjectIdentifier: HTTPExchange] = [:]
  private var timer: LoopTimer?
  private var isClosed = false

  /// A requester without connections. Call ``close()`` when done; whoever forgets it leaks the connections.
  package init(loop: EventLoop) {
    HTTPRequester.library
    self.loop = loop
    guard let made = unsafe curl_multi_init() else { preconditionFailure("libcurl is out of memory") }
    unsafe multi = made
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, HTTPClientLimits.keptConnections)
    unsafe ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
    unsafe ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
    unsafe ccurl_multi_set_socket(multi) { _, descriptor, what, context, _ in
      guard let context = unsafe context else { return 0 }
      let requester = unsafe Unmanaged<HTTPRequester>.fromOpaque(context).takeUnretainedValue()
      return requester.watch(descriptor, what)
    }
    unsafe ccurl_multi_set_timer(multi) { _, milliseconds, context in
      guard let context = unsafe context else { return 0 }
      unsafe Unmanaged<HTTPRequester>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds)
      return 0
    }
  }

  /// Sends a request and waits for the whole answer. Any status is an answer. Cancelling the task gives the connection up.
  package func send(_ request: OutgoingRequest) async throws(HTTPClientError) -> IncomingResponse {
    let exchange = try HTTPExchange(request)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.execute { [self] in begin(exchange, continuation) }
      }
    } onCancel: {
      loop.execute { [self] in cancel(exchange) }
    }
    return try outcome.get()
  }

  /// Closes the connections; what is under way fails as cancelled. On the loop; harmless when repeated.
  package func close() {
    precondition(loop.isCurrent)
    guard !isClosed else { return }
    for exchange in Array(exchanges.values) { cancel(exchange) }
    isClosed = true
    unsafe curl_multi_cleanup(multi)
    timer?.cancel()
    for registration in registrations.values { loop.unwatch(registration) }
    registrations.removeAll()
  }

  private func begin(
    _ exchange: HTTPExchange,
    _ continuation: CheckedContinuation<Swift.Result<IncomingResponse, HTTPClientError>, Never>
  ) {
    guard !exchange.isCancelled, !isClosed else {
      return continuation.resume(returning: .failure(HTTPRequester.cancellation))
    }
    exchange.continuation = continuation
    exchanges[ObjectIdentifier(exchange)] = exchange
    let added = unsafe curl_multi_add_handle(multi, exchange.easy)
    precondition(added == CURLM_OK, "libcurl does not take a request")
    exchange.isAdded = true
  }

  private static let cancellation = HTTPClientError(.cancelled, "the request was given up")

  private func cancel(_ exchange: HTTPExchange) {
    exchange.isCancelled = true
    finish(exchange, .failure(HTTPRequester.cancellation))
  }

  private func finish(_ exchange: HTTPExchange, _ outcome: Swift.Result<IncomingResponse, HTTPClientError>) {
    if exchange.isAdded {
      exchange.isAdded = false
      unsafe curl_multi_remove_handle(multi, exchange.easy)
    }
    exchanges[ObjectIdentifier(exchange)] = nil
    let waiting = exchange.continuation
    exchange.continuation = nil
    waiting?.resume(returning: outcome)
  }

  // MARK: libcurl's side

  /// libcurl reads or writes once when told, so its sockets are watched level-triggered.
  private func watch(_ descriptor: Int32, _ what: Int32) -> Int32 {
    if let registration = registrations.removeValue(forKey: descriptor) { loop.unwatch(registration) }
    let watching: Watching
    switch what {
    case Int32(CURL_POLL_IN): watching = .readLevel
    case Int32(CURL_POLL_OUT): watching = .writeLevel
    case Int32(CURL_POLL_INOUT): watching = .readAndWriteLevel
    default: return 0
    }
    do throws(EventLoopError) {
      registrations[descriptor] = try loop.watch(descriptor, watching) { [self] in ready(descriptor, $0) }
      return 0
    } catch {
      return -1
    }
  }

  private func ready(_ descriptor: Int32, _ readiness: Readiness) {
    var mask: Int32 = 0
    if readiness.contains(anyOf: .readable) { mask |= Int32(CURL_CSELECT_IN) }
    if readiness.contains(anyOf: .writable) { mask |= Int32(CURL_CSELECT_OUT) }
    act(descriptor, mask)
  }

  /// libcurl must not be called from inside its own callback: even a timer that is due at once waits for the next turn.
  private func setTimer(_ milliseconds: Int) {
    timer?.cancel()
    timer = nil
    guard milliseconds >= 0 else { return }
    timer = loop.schedule(after: .milliseconds(milliseconds)) { [self] in act(curl_socket_t(CURL_SOCKET_TIMEOUT), 0) }
  }

  private func act(_ descriptor: Int32, _ mask: Int32) {
    guard !isClosed else { return }
    var running: Int32 = 0
    unsafe curl_multi_socket_action(multi, descriptor, mask, &running)
    var remaining: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi, &remaining) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else { continue }
      let result = unsafe ccurl_message_result(message)
      var context: UnsafeMutableRawPointer?
      unsafe ccurl_get_pointer(easy, CURLINFO_PRIVATE, &context)
      guard let context = unsafe context else { continue }
      let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
      finish(exchange, exchange.outcome(result))
    }
  }
}
