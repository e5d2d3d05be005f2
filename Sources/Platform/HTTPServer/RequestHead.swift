/// What a request's head says, as offsets into its bytes: no text is made until somebody asks.
struct RequestHead {
  /// One field: offsets from the head's first byte, of its name and its value without white space at the ends.
  struct Field {
    let nameStart: UInt16
    let nameEnd: UInt16
    let valueStart: UInt16
    let valueEnd: UInt16

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
  }

  var method = 0..<0
  /// The target as sent, and in it the raw path and the query without its question mark.
  var target = 0..<0
  var path = 0..<0
  var query = 0..<0
  /// Whether the target has a percent sign.
  var hasEscapes = false
  var isHTTP10 = false
  var fields: [Field] = []
  var hasHost = false
  /// The length of the body; nil where it has none or is chunked.
  var contentLength: Int?
  var isChunked = false
  var asksToClose = false
  var asksToStay = false
  var expectsContinue = false

  /// Whether the client expects the connection to stay after the answer.
  var keepsAlive: Bool { !asksToClose && (!isHTTP10 || asksToStay) }
  var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

  /// Forgets everything but the memory.
  mutating func reset() {
    var kept = fields
    kept.removeAll(keepingCapacity: true)
    self = RequestHead()
    fields = kept
  }
}
