/// Why a record is not what its topic promises. The record goes to `deadletters` with this reason; retrying cannot help.
package struct ContractError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of breach.
  package struct Code: Hashable, Sendable {
    /// Its name in dead letters.
    package let name: String
    /// A header that must be there is not.
    package static let missingHeader = Code(name: "missing_header")
    /// A header's value is not of its form.
    package static let badHeader = Code(name: "bad_header")
    /// `ce_type` is not the topic's.
    package static let wrongType = Code(name: "wrong_type")
    /// `ce_schemaversion` is one this reader does not know.
    package static let unknownSchemaVersion = Code(name: "unknown_schema_version")
    /// The key is not of its form.
    package static let badKey = Code(name: "bad_key")
    /// The value is missing or not of its form.
    package static let badValue = Code(name: "bad_value")
    /// The record is well formed, but what it asks for cannot be done: the function is gone, say.
    package static let unprocessable = Code(name: "unprocessable")
  }

  /// What kind of breach.
  package let code: Code
  /// What was wrong, where, and what would be right.
  package let message: String

  /// An error with its message.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "\(code.name): \(message)" }
}
