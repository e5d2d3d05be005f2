/// An answer: a status, fields and a body. The server adds Date, Content-Length and Connection.
package struct HTTPResponse: Sendable {
  /// The status, 200 to 599.
  package var status: Int
  /// The fields, in order. Line ends and control bytes in a value are sent as spaces.
  package var fields: [(name: String, value: String)]
  /// The body's bytes; not sent with 204 and 304, or in answer to HEAD.
  package var body: [UInt8]

  /// An answer of these parts.
  package init(status: Int, fields: [(name: String, value: String)] = [], body: [UInt8] = []) {
    precondition(200...599 ~= status)
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// An answer of plain text.
  package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, fields: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
  }

  /// An answer of JSON, whose bytes are given.
  package static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, fields: [("Content-Type", "application/json")], body: body)
  }

  var mayHaveBody: Bool { status != 204 && status != 304 }

  /// RFC 9110 section 15, RFC 6585: what a status is called.
  static func reason(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}
