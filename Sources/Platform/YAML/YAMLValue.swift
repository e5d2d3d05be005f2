/// A value of a YAML document, and where it stands.
package struct YAMLValue: Sendable, Equatable {
  /// What it holds.
  package indirect enum Content: Sendable, Equatable {
    /// Nothing: `null`, `~` or an empty place.
    case null
    /// `true` or `false`, and no other word.
    case boolean(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number with a fraction or an exponent.
    case number(Double)
    /// Text.
    case text(String)
    /// Values in order.
    case sequence([YAMLValue])
    /// Keys and values in the document's order; no key twice.
    case mapping([Entry])
  }

  /// One key of a mapping and its value.
  package struct Entry: Sendable, Equatable {
    /// The key as written.
    package let key: String
    /// The line of the key, from 1.
    package let line: Int
    /// The column of the key, from 1.
    package let column: Int
    /// The value.
    package let value: YAMLValue
  }

  /// What it holds.
  package let content: Content
  /// A scalar as written, before its type was decided; empty for sequences and mappings.
  package let source: String
  /// The line, from 1.
  package let line: Int
  /// The column, from 1.
  package let column: Int

  init(_ content: Content, source: String = "", line: Int, column: Int) {
    self.content = content
    self.source = source
    self.line = line
    self.column = column
  }

  /// The entries of a mapping; nil where it is none.
  package var entries: [Entry]? {
    if case .mapping(let entries) = content { entries } else { nil }
  }

  /// The values of a sequence; nil where it is none.
  package var elements: [YAMLValue]? {
    if case .sequence(let values) = content { values } else { nil }
  }

  /// The value under a key of a mapping; nil where there is none.
  package subscript(key: String) -> YAMLValue? { entries?.first { $0.key == key }?.value }

  /// Text; nil where it is something else.
  package var text: String? {
    if case .text(let text) = content { text } else { nil }
  }

  /// A whole number; nil where it is something else.
  package var integer: Int64? {
    if case .integer(let number) = content { number } else { nil }
  }

  /// A truth value; nil where it is something else.
  package var boolean: Bool? {
    if case .boolean(let value) = content { value } else { nil }
  }

  /// Whether there is nothing.
  package var isNull: Bool { content == .null }

  /// A scalar as written, whatever its type (`1.10` stays `1.10`); nil for null, sequences and mappings.
  package var scalar: String? {
    switch content {
    case .boolean, .integer, .number, .text: source
    case .null, .sequence, .mapping: nil
    }
  }
}
