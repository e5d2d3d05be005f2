internal import Streams

extension HTTPConnection {
  /// What becomes of the connection after an answer, as the answer says it.
  enum Fate {
    case stay
    /// An HTTP/1.0 client believes it only where it is said.
    case staySaying
    case close

    fileprivate var field: StaticString {
      switch self {
      case .stay: ""
      case .staySaying: "\r\nConnection: keep-alive"
      case .close: "\r\nConnection: close"
      }
    }
  }

  /// Writes a response: its head, with what every response has, and its body.
  func write(_ response: HTTPResponse, to method: HTTPMethod, then fate: Fate) {
    let date = server.date()
    stream.write { output in
      output.append("HTTP/1.1 ")
      output.append(decimal: response.status)
      output.append(" ")
      output.append(HTTPResponse.reason(response.status))
      output.append("\r\nDate: ")
      output.append(contentsOf: date)
      for (name, value) in response.fields {
        output.append("\r\n")
        output.append(fieldText: name)
        output.append(": ")
        output.append(fieldText: value)
      }
      if response.mayHaveBody {
        output.append("\r\nContent-Length: ")
        output.append(decimal: response.body.count)
      }
      output.append(fate.field)
      output.append("\r\n\r\n")
      if method != .head, response.mayHaveBody { output.append(contentsOf: response.body) }
    }
  }
}

extension [UInt8] {
  @inline(__always) mutating func append(_ text: StaticString) {
    unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Text of a field: what could end the line is sent as a space.
  mutating func append(fieldText text: String) {
    let start = count
    append(contentsOf: text.utf8)
    for index in start..<count where !HTTPByte.isText(self[index]) { self[index] = HTTPByte.space }
  }

  mutating func append(decimal number: Int) {
    if number >= 10 { append(decimal: number / 10) }
    append(UInt8(truncatingIfNeeded: number % 10) + HTTPByte.zero)
  }
}
