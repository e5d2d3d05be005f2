/// A strict, incremental parser of HTTP/1.1 requests (RFC 9112, and stricter where leniency has been an attack).
///
/// It copies nothing. It is shown the bytes that are not consumed yet, says what comes next and how many bytes it is done
/// with. A head is consumed whole; until then its lines are checked as they arrive, and each byte is looked at once, however
/// the bytes were cut into pieces. After a refusal it must not be used again.
struct RequestParser: ~Copyable {
  /// What comes next.
  enum Event: Equatable {
    /// Nothing without more bytes.
    case needsMore
    /// Bytes without a meaning of their own: chunk framing, an empty line before a request.
    case framing
    /// The head is whole: the consumed bytes are what ``RequestParser/head`` speaks of.
    case head
    /// A piece of the body, within the bytes shown.
    case body(Range<Int>)
    /// The request is whole. Consumes nothing.
    case end
  }

  private enum Phase { case requestLine, fields, fixedBody, chunkSize, chunkData, chunkEnd, trailers, end }

  private let limits: HTTPLimits
  private var phase = Phase.requestLine
  /// Where the current line starts, and from where on its end has not been looked for.
  private var lineStart = 0
  private var scanned = 0
  /// Bytes that remain of the body or the chunk.
  private var remaining = 0
  private var unearnedFraming = 0

  /// The head; valid from its event to the end of its request.
  private(set) var head = RequestHead()

  init(limits: HTTPLimits) {
    precondition(limits.headBytes <= Int(UInt16.max) && limits.requestLineBytes <= limits.headBytes)
    self.limits = limits
  }

  /// The next event in `input`; `consumed` is set to how many bytes it is done with.
  ///
  /// - Throws: ``HTTPRefusal``; what follows in the input has no meaning then.
  mutating func next(_ input: Span<UInt8>, consumed: inout Int) throws(HTTPRefusal) -> Event {
    consumed = 0
    while true {
      let event: Event? =
        switch phase {
        case .requestLine: try nextRequestLine(input, &consumed)
        case .fields: try nextField(input, &consumed)
        case .fixedBody, .chunkData: nextData(input, &consumed)
        case .chunkSize: try nextChunkSize(input, &consumed)
        case .chunkEnd: try nextChunkEnd(input, &consumed)
        case .trailers: try nextTrailer(input, &consumed)
        case .end: finishRequest()
        }
      if let event { return event }
    }
  }

  // MARK: head

  private mutating func nextRequestLine(_ input: Span<UInt8>, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
    if input.has("\r\n", at: 0) {
      // Some clients send one after a body.
      return consume(2, &consumed, .framing)
    }
    guard let end = try lineEnd(input, .requestLine) else { return .needsMore }
    head.reset()
    try head.readRequestLine(input, end: end)
    lineStart = scanned
    phase = .fields
    return nil
  }

  private mutating func nextField(_ input: Span<UInt8>, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
    guard let end = try lineEnd(input, .field) else { return .needsMore }
    if end > lineStart {
      guard head.fields.count < limits.fields else { throw tooLong(.field) }
      try head.readField(input, line: lineStart..<end)
      lineStart = scanned
      return nil
    }
    guard head.hasHost || head.isHTTP10 else { throw .bad("A request needs a Host field.") }
    remaining = head.contentLength ?? 0
    unearnedFraming = 0
    phase = head.isChunked ? .chunkSize : remaining > 0 ? .fixedBody : .end
    return consume(scanned, &consumed, .head)
  }

  // MARK: body

  private mutating func nextData(_ input: Span<UInt8>, _ consumed: inout Int) -> Event? {
    guard !input.isEmpty else { return .needsMore }
    let count = min(remaining, input.count)
    remaining -= count
    if remaining == 0 { phase = phase == .fixedBody ? .end : .chunkEnd }
    return consume(count, &consumed, .body(0..<count))
  }

  private mutating func nextChunkSize(_ input: Span<UInt8>, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
    guard let end = try lineEnd(input, .chunk) else { return .needsMore }
    remaining = try readChunkLine(input, lineStart..<end)
    phase = remaining > 0 ? .chunkData : .trailers
    return consume(scanned, &consumed, .framing)
  }

  /// The size of the chunk. Extensions are checked and dropped.
  private mutating func readChunkLine(_ input: Span<UInt8>, _ line: Range<Int>) throws(HTTPRefusal) -> Int {
    var index = line.lowerBound
    var size = 0
    while index < line.upperBound, let digit = HTTPByte.hexValue(input[index]) {
      guard index - line.lowerBound < 15 else { throw .bad("A chunk's size is too large.") }
      size = size << 4 | Int(digit)
      index += 1
    }
    guard index > line.lowerBound else { throw .bad("A chunk has no size.") }
    unearnedFraming = max(0, unearnedFraming + line.count - 16 - 2 * size)
    guard unearnedFraming <= limits.unearnedFramingBytes else { throw .bad("The chunks are framing more than data.") }
    while index < line.upperBound, HTTPByte.isBlank(input[index]) { index += 1 }
    guard index == line.upperBound || input[index] == HTTPByte.semicolon else {
      throw .bad("A chunk's size is malformed.")
    }
    while index < line.upperBound {
      guard HTTPByte.isText(input[index]) else { throw .bad("A chunk's extension has a control byte.") }
      index += 1
    }
    return size
  }

  private mutating func nextChunkEnd(_ input: Span<UInt8>, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
    let malformed = HTTPRefusal.bad("A chunk does not end where its size says.")
    guard input.count >= 2 else {
      if input.count == 1, input[0] != HTTPByte.carriageReturn { throw malformed }
      return .needsMore
    }
    guard input.has("\r\n", at: 0) else { throw malformed }
    phase = .chunkSize
    return consume(2, &consumed, .framing)
  }

  /// Trailers are checked and dropped: no field of them can change what the head said.
  private mutating func nextTrailer(_ input: Span<UInt8>, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
    guard let end = try lineEnd(input, .field) else { return .needsMore }
    if end > lineStart {
      _ = try RequestHead.field(input, line: lineStart..<end)
      lineStart = scanned
      return nil
    }
    phase = .end
    return consume(scanned, &consumed, .framing)
  }

  private mutating func finishRequest() -> Event? {
    phase = .requestLine
    return .end
  }

  // MARK: lines

  private enum Line { case requestLine, field, chunk }

  /// Where the current line's text ends; `scanned` is then the start of the next one. nil where the end has not come yet.
  /// Only CRLF ends a line; a CR elsewhere is refused with the other control bytes.
  private mutating func lineEnd(_ input: Span<UInt8>, _ line: Line) throws(HTTPRefusal) -> Int? {
    let lineFeed = input.firstIndex(of: HTTPByte.lineFeed, from: scanned)
    guard (lineFeed ?? input.count) - lineStart <= limit(of: line) else { throw tooLong(line) }
    guard let lineFeed else {
      scanned = input.count
      return nil
    }
    guard lineFeed > lineStart, input[lineFeed - 1] == HTTPByte.carriageReturn else {
      throw .bad("A line must end with CR LF.")
    }
    scanned = lineFeed + 1
    return lineFeed - 1
  }

  private func limit(of line: Line) -> Int {
    switch line {
    case .requestLine: limits.requestLineBytes
    case .field: limits.headBytes - lineStart
    case .chunk: limits.chunkLineBytes
    }
  }

  private func tooLong(_ line: Line) -> HTTPRefusal {
    switch line {
    case .requestLine:
      HTTPRefusal(.uriTooLong, "The request line is longer than \(limits.requestLineBytes) bytes.")
    case .field:
      HTTPRefusal(.headTooLarge, "The head is larger than \(limits.headBytes) bytes or \(limits.fields) fields.")
    case .chunk:
      .bad("The line before a chunk is longer than \(limits.chunkLineBytes) bytes.")
    }
  }

  private mutating func consume(_ count: Int, _ consumed: inout Int, _ event: Event) -> Event {
    consumed = count
    lineStart = 0
    scanned = 0
    return event
  }
}
