internal import CCurl

/// One request on its way, and what has come back so far.
///
/// Confined to the requester's loop, which makes it Sendable. `@safe`: the handle and the list of header fields are made in
/// init, freed in deinit, and used by libcurl only between those.
@safe final class HTTPExchange: @unchecked Sendable {
  let easy: UnsafeMutableRawPointer
  let address: String
  private let responseLimitBytes: Int
  private let headerList: UnsafeMutablePointer<curl_slist>?
  private var headers: [(name: String, value: String)] = []
  private var headBytes = 0
  private var body: [UInt8] = []
  private var refusal: HTTPClientError?

  var continuation: CheckedContinuation<Swift.Result<IncomingResponse, HTTPClientError>, Never>?
  /// Whether libcurl's multi handle has it.
  var isAdded = false
  var isCancelled = false

  init(_ request: OutgoingRequest) throws(HTTPClientError) {
    guard request.address.hasPrefix("http://") || request.address.hasPrefix("https://") else {
      throw HTTPClientError(.badRequest, "\(request.address) does not begin with http:// or https://")
    }
    let fields = try HTTPExchange.fields(of: request)
    guard let made = unsafe curl_easy_init() else { preconditionFailure("libcurl is out of memory") }
    unsafe easy = made
    address = request.address
    responseLimitBytes = request.responseLimitBytes
    var list: UnsafeMutablePointer<curl_slist>?
    for field in fields { unsafe list = unsafe curl_slist_append(list, field) }
    unsafe headerList = list
    unsafe ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, list)
    setAddress(request)
    setMethod(request)
    setLimits(request)
    setCallbacks()
  }

  deinit {
    unsafe curl_easy_cleanup(easy)
    unsafe curl_slist_free_all(headerList)
  }

  /// `Name: value`; a field that libcurl would add on its own is taken out by a name without a value.
  private static func fields(of request: OutgoingRequest) throws(HTTPClientError) -> [String] {
    var fields = ["Expect:"]
    if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) { fields.append("Content-Type:") }
    if !request.headers.contains(where: { $0.name.lowercased() == "accept" }) { fields.append("Accept:") }
    for (name, value) in request.headers {
      let isWhole = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } && !name.isEmpty
      guard isWhole, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x3a && $0 != 0x3b }) else {
        throw HTTPClientError(.badRequest, "the header field \(name) is malformed")
      }
      fields.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    return fields
  }

  private func setAddress(_ request: OutgoingRequest) {
    unsafe ccurl_set_text(easy, CURLOPT_URL, request.address)
    unsafe ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    if let path = request.socketPath { unsafe ccurl_set_text(easy, CURLOPT_UNIX_SOCKET_PATH, path) }
    // A proxy of the environment is for the web, not for Millrace's own addresses.
    unsafe ccurl_set_text(easy, CURLOPT_PROXY, "")
    unsafe ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    unsafe ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    unsafe ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    unsafe ccurl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
  }

  private func setMethod(_ request: OutgoingRequest) {
    let carriesBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
    if carriesBody {
      unsafe ccurl_set_long(easy, CURLOPT_POSTFIELDSIZE, request.body.count)
      unsafe request.body.withUnsafeBytes {
        // libcurl copies; the pointer of an empty array may be nil, which would mean "read from a callback".
        let start = unsafe $0.baseAddress.map { unsafe UnsafeMutableRawPointer(mutating: $0) }
        if let start = unsafe start {
          unsafe ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, start)
        } else {
          unsafe ccurl_set_text(easy, CURLOPT_COPYPOSTFIELDS, "")
        }
      }
    }
    if request.method == "HEAD" { unsafe ccurl_set_long(easy, CURLOPT_NOBODY, 1) }
    unsafe ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, request.method)
  }

  private func setLimits(_ request: OutgoingRequest) {
    let timeoutMilliseconds = HTTPExchange.milliseconds(request.timeout)
    let connectMilliseconds = HTTPExchange.milliseconds(HTTPClientLimits.connectTime)
    unsafe ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
    unsafe ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, min(timeoutMilliseconds, connectMilliseconds))
  }

  /// At least one: zero would mean "for ever".
  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return max(1, Int(min(seconds, 1 << 31)) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }

  private func setCallbacks() {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe ccurl_set_pointer(easy, CURLOPT_PRIVATE, context)
    unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    unsafe ccurl_set_write(easy, CURLOPT_WRITEFUNCTION) { start, size, count, context in
      guard let start = unsafe start, let context = unsafe context else { return 0 }
      let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: size * count)
      return unsafe exchange.take(body: bytes) ? bytes.count : 0
    }
    unsafe ccurl_set_write(easy, CURLOPT_HEADERFUNCTION) { start, size, count, context in
      guard let start = unsafe start, let context = unsafe context else { return 0 }
      let exchange = unsafe Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: size * count)
      return exchange.take(line: unsafe String(decoding: bytes, as: UTF8.self)) ? size * count : 0
    }
  }

  private func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= responseLimitBytes else {
      refusal = HTTPClientError(.tooLarge, "\(address): the answer is larger than \(responseLimitBytes) bytes")
      return false
    }
    unsafe body.append(contentsOf: bytes)
    return true
  }

  private func take(line: String) -> Bool {
    headBytes += line.utf8.count
    guard headBytes <= HTTPClientLimits.responseHeadBytes else {
      refusal = HTTPClientError(.tooLarge, "\(address): the answer's head is too large")
      return false
    }
    // A status line begins anew: what came before was of an interim answer.
    if line.hasPrefix("HTTP/") {
      headers.removeAll()
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append((String(line[..<colon]), String(value.prefix { $0 != "\r\n" && $0 != "\n" })))
    }
    return true
  }

  /// What the exchange came to, once libcurl says it is done.
  func outcome(_ result: CURLcode) -> Swift.Result<IncomingResponse, HTTPClientError> {
    if let refusal { return .failure(refusal) }
    guard result == CURLE_OK else { return .failure(HTTPClientError(result, address)) }
    var status = 0
    unsafe ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return .success(IncomingResponse(status: status, headers: headers, body: body))
  }
}
