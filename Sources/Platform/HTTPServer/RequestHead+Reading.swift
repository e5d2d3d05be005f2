extension RequestHead {
  /// Reads `METHOD SP TARGET SP HTTP/1.x`, from the first byte to `end`.
  mutating func readRequestLine(_ input: Span<UInt8>, end: Int) throws(HTTPRefusal) {
    var index = 0
    while index < end, HTTPByte.isToken(input[index]) { index += 1 }
    guard index > 0, index < end, input[index] == HTTPByte.space else { throw .bad("The request line is malformed.") }
    method = 0..<index
    let start = index + 1
    index = start
    var queryStart: Int?
    while index < end, HTTPByte.isTarget(input[index]) {
      if input[index] == HTTPByte.percent { hasEscapes = true }
      if input[index] == HTTPByte.question, queryStart == nil { queryStart = index }
      index += 1
    }
    target = start..<index
    guard !target.isEmpty, index < end, input[index] == HTTPByte.space else {
      throw .bad("The request target is malformed.")
    }
    try readVersion(input, index + 1..<end)
    path = start..<(queryStart ?? index)
    query = (queryStart.map { $0 + 1 } ?? index)..<index
    if hasEscapes { try checkEscapes(input) }
    try checkTargetForm(input)
  }

  private mutating func readVersion(_ input: Span<UInt8>, _ range: Range<Int>) throws(HTTPRefusal) {
    guard range.count == 8, input.has("HTTP/", at: range.lowerBound), HTTPByte.isDigit(input[range.lowerBound + 5]),
      input[range.lowerBound + 6] == HTTPByte.dot, HTTPByte.isDigit(input[range.lowerBound + 7])
    else { throw .bad("The HTTP version is malformed.") }
    guard input[range.lowerBound + 5] == HTTPByte.one, input[range.lowerBound + 7] <= HTTPByte.one else {
      throw HTTPRefusal(.versionNotSupported, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    }
    isHTTP10 = input[range.lowerBound + 7] == HTTPByte.zero
  }

  /// Every percent sign starts a pair of hexadecimal digits, and none of them is NUL.
  private func checkEscapes(_ input: Span<UInt8>) throws(HTTPRefusal) {
    for index in target where input[index] == HTTPByte.percent {
      guard index + 2 < target.upperBound, let high = HTTPByte.hexValue(input[index + 1]),
        let low = HTTPByte.hexValue(input[index + 2]), high | low != 0
      else { throw .bad("The request target has a malformed escape.") }
    }
  }

  /// The target is a path, `*` for OPTIONS, or absolute, whose path is what counts.
  private mutating func checkTargetForm(_ input: Span<UInt8>) throws(HTTPRefusal) {
    if input.has("TRACE ", at: 0) || input.has("CONNECT ", at: 0) {
      throw HTTPRefusal(.methodNotAllowed, "TRACE and CONNECT are not served here.")
    }
    if input[target.lowerBound] == HTTPByte.slash || input.has("OPTIONS * ", at: 0) { return }
    let schemeLength =
      input.has("http://", at: target.lowerBound) ? 7 : input.has("https://", at: target.lowerBound) ? 8 : 0
    guard schemeLength > 0 else { throw .bad("The request target is neither a path nor absolute.") }
    var index = target.lowerBound + schemeLength
    let authority = index
    while index < path.upperBound, input[index] != HTTPByte.slash {
      guard HTTPByte.isHost(input[index]) else { throw .bad("The request target's host is malformed.") }
      index += 1
    }
    guard index > authority, index < path.upperBound else { throw .bad("The request target has no host or no path.") }
    path = index..<path.upperBound
  }

  /// Reads one field and what it says of the message's framing.
  mutating func readField(_ input: Span<UInt8>, line: Range<Int>) throws(HTTPRefusal) {
    let field = try Self.field(input, line: line)
    fields.append(field)
    switch field.name.count {
    case 4 where input.has("host", in: field.name): try readHost(input, field.value)
    case 6 where input.has("expect", in: field.name): try readExpect(input, field.value)
    case 10 where input.has("connection", in: field.name): readConnection(input, field.value)
    case 14 where input.has("content-length", in: field.name): try readContentLength(input, field.value)
    case 17 where input.has("transfer-encoding", in: field.name): try readTransferEncoding(input, field.value)
    default: break
    }
  }

  /// One field line: a token, a colon at once, a value without control bytes. A line folded by a leading blank has no token.
  static func field(_ input: Span<UInt8>, line: Range<Int>) throws(HTTPRefusal) -> Field {
    var index = line.lowerBound
    while index < line.upperBound, HTTPByte.isToken(input[index]) { index += 1 }
    guard index > line.lowerBound, index < line.upperBound, input[index] == HTTPByte.colon else {
      throw .bad("A field line must be a name, a colon at once, and a value on the same line.")
    }
    let value = input.trimmed(index + 1..<line.upperBound)
    for position in value where !HTTPByte.isText(input[position]) { throw .bad("A field value has a control byte.") }
    return Field(
      nameStart: UInt16(line.lowerBound), nameEnd: UInt16(index), valueStart: UInt16(value.lowerBound),
      valueEnd: UInt16(value.upperBound))
  }

  private mutating func readHost(_ input: Span<UInt8>, _ value: Range<Int>) throws(HTTPRefusal) {
    guard !hasHost, !value.isEmpty else { throw .bad("A request has exactly one Host.") }
    for index in value where !HTTPByte.isHost(input[index]) { throw .bad("The Host has a byte no host has.") }
    hasHost = true
  }

  private mutating func readExpect(_ input: Span<UInt8>, _ value: Range<Int>) throws(HTTPRefusal) {
    guard input.has("100-continue", in: value) else {
      throw HTTPRefusal(.expectationFailed, "The only expectation met here is 100-continue.")
    }
    expectsContinue = !isHTTP10
  }

  private mutating func readConnection(_ input: Span<UInt8>, _ value: Range<Int>) {
    if input.list(value, has: "close") { asksToClose = true }
    if isHTTP10, input.list(value, has: "keep-alive") { asksToStay = true }
  }

  private mutating func readContentLength(_ input: Span<UInt8>, _ value: Range<Int>) throws(HTTPRefusal) {
    guard contentLength == nil, !isChunked else { throw .bad("The length of the body is given twice.") }
    guard 1...18 ~= value.count else { throw .bad("The Content-Length is malformed.") }
    var length = 0
    for index in value {
      guard HTTPByte.isDigit(input[index]) else { throw .bad("The Content-Length is malformed.") }
      length = length * 10 + Int(input[index] - HTTPByte.zero)
    }
    contentLength = length
  }

  private mutating func readTransferEncoding(_ input: Span<UInt8>, _ value: Range<Int>) throws(HTTPRefusal) {
    guard contentLength == nil, !isChunked else { throw .bad("The length of the body is given twice.") }
    guard !isHTTP10 else { throw .bad("HTTP/1.0 has no Transfer-Encoding.") }
    guard input.has("chunked", in: value) else {
      throw HTTPRefusal(.notImplemented, "The only transfer coding known here is chunked.")
    }
    isChunked = true
  }
}
