/// Finds the route of a method and a raw path.
///
/// The path is split by `/` first and each segment decoded after, so that an encoded slash never separates; nothing is
/// normalised: `..` and empty segments are segments like others. A literal segment goes before a parameter; a parameter is
/// never empty.
package struct HTTPRouter {
  /// What was found.
  enum Match {
    case route(HTTPRoute, parameters: [String])
    /// The path exists with these methods only.
    case otherMethods([HTTPMethod])
    case nothing
  }

  /// One segment's position among the patterns.
  private final class Node {
    var literals: [(text: [UInt8], node: Node)] = []
    var parameter: Node?
    var routes: [HTTPRoute] = []
  }

  private let root = Node()
  /// The routes, in the order they were given.
  package let routes: [HTTPRoute]

  /// A router of these routes. Two of the same method and shape of pattern are a mistake that stops the program.
  package init(_ routes: [HTTPRoute]) {
    self.routes = routes
    for route in routes { add(route) }
  }

  private func add(_ route: HTTPRoute) {
    var node = root
    for segment in HTTPRoute.segments(of: route.pattern) {
      if HTTPRoute.parameterName(segment) != nil {
        let next = node.parameter ?? Node()
        node.parameter = next
        node = next
      } else if let known = node.literals.first(where: { $0.text.elementsEqual(segment.utf8) }) {
        node = known.node
      } else {
        let next = Node()
        node.literals.append((Array(segment.utf8), next))
        node = next
      }
    }
    precondition(!node.routes.contains { $0.method == route.method }, "\(route.pattern) is routed twice")
    node.routes.append(route)
  }

  /// Finds the route. `method` is nil where no route can have it.
  ///
  /// - Throws: `badRequest` where a segment is not UTF-8 once decoded.
  func match(_ method: HTTPMethod?, path: Span<UInt8>) throws(HTTPRefusal) -> Match {
    guard !path.isEmpty, path[0] == HTTPByte.slash else { return .nothing }
    var parameters: [String] = []
    guard let node = try find(root, path, from: 1, &parameters) else {
      try checkSegments(path)
      return .nothing
    }
    if let route = node.routes.first(where: { $0.method == method }) { return .route(route, parameters: parameters) }
    if method == .head, let route = node.routes.first(where: { $0.method == .get }) {
      return .route(route, parameters: parameters)
    }
    return .otherMethods(node.routes.map(\.method) + (node.routes.contains { $0.method == .get } ? [.head] : []))
  }

  /// The node with routes that the path leads to from `start`, which follows a slash.
  private func find(
    _ node: Node, _ path: Span<UInt8>, from start: Int, _ parameters: inout [String]
  ) throws(HTTPRefusal) -> Node? {
    let end = path.firstIndex(of: HTTPByte.slash, from: start) ?? path.count
    let segment = path.extracting(start..<end)
    let isEscaped = segment.firstIndex(of: HTTPByte.percent, from: 0) != nil
    let decoded = isEscaped ? try PercentDecoding.segment(segment) : nil
    for (text, next) in node.literals where Self.isEqual(text, segment, decoded) {
      if let found = try follow(next, path, end, &parameters) { return found }
    }
    guard let next = node.parameter, !segment.isEmpty else { return nil }
    if let decoded { parameters.append(decoded) } else { parameters.append(try PercentDecoding.segment(segment)) }
    if let found = try follow(next, path, end, &parameters) { return found }
    parameters.removeLast()
    return nil
  }

  private func follow(
    _ node: Node, _ path: Span<UInt8>, _ end: Int, _ parameters: inout [String]
  ) throws(HTTPRefusal) -> Node? {
    if end == path.count { return node.routes.isEmpty ? nil : node }
    return try find(node, path, from: end + 1, &parameters)
  }

  private static func isEqual(_ text: [UInt8], _ segment: Span<UInt8>, _ decoded: String?) -> Bool {
    if let decoded { return text.elementsEqual(decoded.utf8) }
    guard text.count == segment.count else { return false }
    for index in text.indices where text[index] != segment[index] { return false }
    return true
  }

  /// Refuses a path that no text has, also where no pattern is like it.
  private func checkSegments(_ path: Span<UInt8>) throws(HTTPRefusal) {
    _ = try PercentDecoding.segment(path)
  }
}
