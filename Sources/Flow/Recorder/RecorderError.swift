/// Why the recorder cannot go on. What retrying cures is retried and never becomes one.
package struct RecorderError: Error, CustomStringConvertible, Sendable {
  /// What kind of error it is.
  package struct Code: Hashable, Sendable {
    let name: String
    /// The database has a schema this program cannot use.
    package static let schema = Code(name: "schema")
    /// The log client is of no more use.
    package static let log = Code(name: "log")
  }

  /// What kind of error it is.
  package let code: Code
  /// What happened, for people.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "recorder: \(message)" }
}
