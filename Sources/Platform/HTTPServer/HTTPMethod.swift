/// The methods a route can have.
package enum HTTPMethod: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"

  /// The method of these bytes; nil where it is none of them. Methods are case-sensitive.
  init?(_ bytes: Span<UInt8>) {
    for method in Self.allCases where bytes.isExactly(method.rawValue) {
      self = method
      return
    }
    return nil
  }
}
