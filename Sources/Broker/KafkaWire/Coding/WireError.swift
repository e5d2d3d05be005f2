/// Why bytes are no message of the protocol, or a message has no bytes in a version.
package struct WireError: Error, CustomStringConvertible, Equatable {
  /// Which rule is broken.
  package struct Code: Hashable, Sendable {
    /// Its name in logs.
    package let name: String
    /// The bytes end before the message does, or a length claims more than is there.
    package static let truncated = Code(name: "truncated")
    /// A field is null where its version knows no null.
    package static let unexpectedNull = Code(name: "unexpected_null")
    /// A number of variable length takes more bytes than its width needs.
    package static let malformedNumber = Code(name: "malformed_number")
    /// A string is longer than `WireLimits.maximumStringByteCount`.
    package static let stringTooLong = Code(name: "string_too_long")
    /// The arrays of a message have more elements than `WireLimits.maximumElementCount`.
    package static let tooManyElements = Code(name: "too_many_elements")
    /// A record batch is not of the one format that is known, or its fields contradict each other.
    package static let malformedBatch = Code(name: "malformed_batch")
    /// The key or the version is not in the table of APIs.
    package static let unsupported = Code(name: "unsupported")
  }

  /// Which rule.
  package let code: Code
  /// What is wrong; safe to show a customer.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
