internal import MillraceDomain
internal import FoundationEssentials

/// Any JSON, for reading answers: what is not there is nil, what is there besides is left alone.
package indirect enum JSONValue: Decodable, Sendable, Equatable {
  case null
  case boolean(Bool)
  case number(Double)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// From bytes; nil where they are not JSON.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { return nil }
    self = value
  }

  /// A member of an object.
  package subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The elements of an array; none where it is something else.
  package var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// A scalar for people; empty for null and what is no scalar.
  package var shown: String {
    switch self {
    case .text(let text): text
    case .number(let number): Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    case .boolean(let value): "\(value)"
    case .null, .array, .object: ""
    }
  }

  /// The text; nil where it is something else.
  package var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  /// A time for people: milliseconds since 1970 become a date, text stays.
  package var shownTime: String {
    if case .number(let milliseconds) = self, let whole = Int64(exactly: milliseconds) {
      return WireTime.text(Timestamp(milliseconds: whole))
    }
    return shown
  }
}
