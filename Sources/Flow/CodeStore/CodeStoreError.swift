/// Why code could not be stored or fetched.
package struct CodeStoreError: Error, CustomStringConvertible, Equatable {
  /// What kind of failure it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// It is larger than the store takes.
    package static let tooLarge = Code(name: "tooLarge")
    /// The log did not take or hand over the chunks in time. Retry.
    package static let unavailable = Code(name: "unavailable")
    /// Some chunk is not on the log: what the reference promises is gone.
    package static let missing = Code(name: "missing")
    /// The bytes do not have the digest of the reference.
    package static let damaged = Code(name: "damaged")
    /// Too many wait for code already. Retry.
    package static let overloaded = Code(name: "overloaded")
  }

  /// What kind of failure it was.
  package let code: Code
  /// What happened.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Whether the same call may succeed later.
  package var isRetriable: Bool { code == .unavailable || code == .overloaded }
  package var description: String { "code store: \(message)" }
}
