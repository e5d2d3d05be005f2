/// Why a document was not read.
package struct YAMLError: Error, CustomStringConvertible, Equatable {
  /// What kind of refusal it was. None of them is worth a retry.
  package struct Code: Hashable, Sendable {
    let name: String
    /// It is not YAML.
    package static let syntax = Code(name: "syntax")
    /// It is YAML of a form that is not taken: aliases, tags, several documents, keys that are not scalars.
    package static let unsupported = Code(name: "unsupported")
    /// A key stands twice in one mapping.
    package static let duplicateKey = Code(name: "duplicateKey")
    /// It is larger or deeper than allowed.
    package static let tooLarge = Code(name: "tooLarge")
  }

  /// What kind of refusal it was.
  package let code: Code
  /// What is wrong, in one sentence without a full stop.
  package let message: String
  /// The line, from 1.
  package let line: Int
  /// The column, from 1.
  package let column: Int

  package var description: String { "line \(line), column \(column): \(message)" }
}
