internal import CYaml

/// Reads one YAML document with libyaml.
///
/// Aliases are refused, so a small text cannot become a large value; depth and size are bounded.
package enum YAMLReader {
  /// The document's value; null for an empty one.
  ///
  /// - Throws: ``YAMLError`` with the line and column.
  package static func read(_ text: String) throws(YAMLError) -> YAMLValue {
    guard text.utf8.count <= YAMLLimits.documentBytes else {
      throw YAMLError(
        code: .tooLarge, message: "the document is larger than \(YAMLLimits.documentBytes) bytes", line: 1, column: 1)
    }
    let events = YAMLEvents(Array(text.utf8))
    _ = try events.next()  // the stream's start
    let first = try events.next()
    guard first.kind != .streamEnd else { return YAMLValue(.null, line: 1, column: 1) }
    let value = try self.value(at: try events.next(), events, depth: 0)
    _ = try events.next()  // the document's end
    let end = try events.next()
    guard end.kind == .streamEnd else { throw end.error(.unsupported, "a second document is not read") }
    return value
  }

  private static func value(
    at event: YAMLEvents.Event, _ events: YAMLEvents, depth: Int
  ) throws(YAMLError) -> YAMLValue {
    guard depth <= YAMLLimits.depth else {
      throw event.error(.tooLarge, "values lie deeper than \(YAMLLimits.depth) levels")
    }
    switch event.kind {
    case .scalar(let text, let isPlain):
      let content = isPlain ? YAMLScalar.content(of: text) : .text(text)
      return YAMLValue(content, source: text, line: event.line, column: event.column)
    case .sequenceStart: return try sequence(event, events, depth)
    case .mappingStart: return try mapping(event, events, depth)
    case .alias: throw event.error(.unsupported, "aliases are not taken: write the value out")
    case .tagged(let tag): throw event.error(.unsupported, "the tag \(tag) is not taken")
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
      throw event.error(.syntax, "a value is missing")
    }
  }

  private static func sequence(
    _ start: YAMLEvents.Event, _ events: YAMLEvents, _ depth: Int
  ) throws(YAMLError) -> YAMLValue {
    var values: [YAMLValue] = []
    while true {
      let event = try events.next()
      if event.kind == .sequenceEnd { break }
      values.append(try value(at: event, events, depth: depth + 1))
    }
    return YAMLValue(.sequence(values), line: start.line, column: start.column)
  }

  private static func mapping(
    _ start: YAMLEvents.Event, _ events: YAMLEvents, _ depth: Int
  ) throws(YAMLError) -> YAMLValue {
    var entries: [YAMLValue.Entry] = []
    var seen: Set<String> = []
    while true {
      let event = try events.next()
      if event.kind == .mappingEnd { break }
      guard case .scalar(let key, let isPlain) = event.kind else {
        throw event.error(.unsupported, "a key must be a plain or quoted word")
      }
      guard !(isPlain && key == "<<") else { throw event.error(.unsupported, "merge keys are not taken") }
      guard seen.insert(key).inserted else { throw event.error(.duplicateKey, "the key \(key) stands twice") }
      let value = try value(at: try events.next(), events, depth: depth + 1)
      entries.append(YAMLValue.Entry(key: key, line: event.line, column: event.column, value: value))
    }
    return YAMLValue(.mapping(entries), line: start.line, column: start.column)
  }
}
