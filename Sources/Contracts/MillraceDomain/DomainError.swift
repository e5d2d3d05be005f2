/// A value that breaks a rule of the domain. Always the giver's fault: a rejection, never retried.
package struct DomainError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Which rule.
  package struct Code: Hashable, Sendable {
    /// Its name in answers.
    package let name: String
    /// A UUIDv7 was expected.
    package static let badIdentifier = Code(name: "bad_identifier")
    /// A name breaks the rule of its kind.
    package static let badName = Code(name: "bad_name")
    /// A number is outside its range.
    package static let outOfRange = Code(name: "out_of_range")
    /// A digest is not 64 hexadecimal digits.
    package static let badDigest = Code(name: "bad_digest")
    /// A configuration breaks a limit.
    package static let badConfiguration = Code(name: "bad_configuration")
  }

  /// Which rule.
  package let code: Code
  /// What was wrong and what would be right; safe to show a customer.
  package let message: String

  /// An error with its message.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
