/// A request to send.
package struct OutgoingRequest: Sendable {
  /// The method: `GET`.
  package var method: String
  /// The whole address, `http:` or `https:`; parts of the path are encoded already (``PercentEncoding``).
  package var address: String
  /// Header fields in order. Host and Content-Length are added.
  package var headers: [(name: String, value: String)]
  /// The body; may be empty.
  package var body: [UInt8]
  /// How long everything may take.
  package var timeout: Duration
  /// Bytes of body that are taken; a longer answer is an error.
  package var responseLimitBytes: Int
  /// The path of a Unix socket to connect to instead of the address's host and port; at most 107 bytes.
  package var socketPath: String?

  /// A request. The timeout and the limit are those of small exchanges: 30 s, 8 MiB.
  package init(
    _ method: String, _ address: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(30), responseLimitBytes: Int = 8 << 20, socketPath: String? = nil
  ) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.responseLimitBytes = responseLimitBytes
    self.socketPath = socketPath
  }
}

/// An answer that came whole.
package struct IncomingResponse: Sendable {
  /// The status code.
  package let status: Int
  /// Header fields in order, names as sent.
  package let headers: [(name: String, value: String)]
  /// The body.
  package let body: [UInt8]

  /// The value of the first field of that name, whatever its case; nil where there is none.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

/// Makes text fit into an address.
package enum PercentEncoding {
  /// The text with everything but unreserved characters (RFC 3986 section 2.3) encoded: for one segment of a path, or one
  /// name or value of a query.
  package static func encode(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return result
  }
}
