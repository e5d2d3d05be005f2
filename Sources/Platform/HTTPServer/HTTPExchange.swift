/// A request in a handler's hands, and the means to answer it once.
///
/// It is used on the loop alone: that confinement makes it Sendable. The connection takes no further request until it is
/// answered.
package final class HTTPExchange: @unchecked Sendable {
  private let bytes: [UInt8]
  private let head: RequestHead
  private let route: HTTPRoute
  private let parameters: [String]
  private var connection: HTTPConnection?

  /// The method the client used: HEAD where a GET route serves it.
  package let method: HTTPMethod
  /// The body, whole; empty where there is none.
  package internal(set) var body: [UInt8] = []
  /// Whether it was answered.
  package var isAnswered: Bool { connection == nil }
  /// Whether the client has gone, or has at least finished sending: it is not waiting in good faith any more.
  package private(set) var hasClientLeft = false
  /// Called once if the client leaves before the answer. A handler that sets it says that it answers no more then: the
  /// connection is closed. Without it, an answer is still sent.
  package var whenClientLeaves: (() -> Void)?

  init(
    _ connection: HTTPConnection, _ method: HTTPMethod, bytes: [UInt8], head: RequestHead, _ route: HTTPRoute,
    _ parameters: [String]
  ) {
    self.connection = connection
    self.method = method
    self.bytes = bytes
    self.head = head
    self.route = route
    self.parameters = parameters
  }

  var isHTTP10: Bool { head.isHTTP10 }
  var bodyLimitBytes: Int { route.bodyLimitBytes }
  var handler: HTTPRoute.Handler { route.handler }
  var admission: (aboveBytes: Int, check: (HTTPExchange) -> HTTPResponse?)? { route.admission }

  /// The pattern of the route: bounded in number, so fit for the labels of metrics.
  package var pattern: String { route.pattern }

  /// The target's path as sent, not decoded.
  package var rawPath: String { text(head.path) }

  /// The target's query as sent, without the question mark.
  package var rawQuery: String { text(head.query) }

  /// The first value of a query parameter, decoded; empty where it has no `=`; nil where there is none or it is not UTF-8.
  package func query(_ name: String) -> String? {
    guard !head.query.isEmpty else { return nil }
    let bytes = bytes
    let query = bytes.span.extracting(head.query)
    var start = 0
    while start <= query.count {
      let end = query.firstIndex(of: HTTPByte.ampersand, from: start) ?? query.count
      let equals = query.firstIndex(of: HTTPByte.equals, from: start).map { min($0, end) } ?? end
      if PercentDecoding.text(query.extracting(start..<equals), plusIsSpace: .yes) == name {
        return PercentDecoding.text(query.extracting(min(equals + 1, end)..<end), plusIsSpace: .yes)
      }
      start = end + 1
    }
    return nil
  }

  /// The value of a parameter of the route's pattern, decoded. Asking for one the pattern lacks is a mistake that stops the
  /// program.
  package func parameter(_ name: String) -> String {
    guard let index = route.parameterNames.firstIndex(of: name) else {
      preconditionFailure("\(route.pattern) has no parameter \(name)")
    }
    return parameters[index]
  }

  /// The value of a field, by its name in lower case; several are joined by a comma. nil where there is none. Bytes that are
  /// not UTF-8 are repaired.
  package func header(_ lowercaseName: String) -> String? {
    var found: String?
    for field in head.fields where isNamed(field, lowercaseName) {
      let value = text(field.value)
      found = found.map { $0 + ", " + value } ?? value
    }
    return found
  }

  /// Gives the body away, so that an exchange that waits holds no memory of it; ``body`` is empty then.
  package func takeBody() -> [UInt8] {
    guard let connection else { return [] }
    connection.bodyTaken(body.count)
    let taken = body
    body = []
    return taken
  }

  private func isNamed(_ field: RequestHead.Field, _ lowercaseName: String) -> Bool {
    guard field.name.count == lowercaseName.utf8.count else { return false }
    var index = field.name.lowerBound
    for wanted in lowercaseName.utf8 {
      let byte = bytes[index]
      if (byte &- 65 < 26 ? byte | 32 : byte) != wanted { return false }
      index += 1
    }
    return true
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Answers, now or later, on the loop. Once: a second answer, or one to a client that has gone, goes nowhere.
  package func respond(_ response: HTTPResponse) {
    guard let connection else { return }
    self.connection = nil
    whenClientLeaves = nil
    connection.answer(self, response)
  }

  /// The client has gone. Answers whether the handler has given the exchange up.
  func clientLeft() -> Bool {
    guard !hasClientLeft else { return false }
    hasClientLeft = true
    guard let call = whenClientLeaves else { return false }
    whenClientLeaves = nil
    call()
    return !isAnswered
  }

  /// The connection is closed: nothing can be answered any more.
  func abandon() {
    _ = clientLeft()
    connection = nil
  }
}
