/// Why the executor cannot go on. What retrying cures is retried and never becomes one.
package struct ExecutorError: Error, CustomStringConvertible, Sendable {
  /// What kind of error it is.
  package struct Code: Hashable, Sendable {
    let name: String
    /// This host cannot isolate what users send: the message names the step.
    package static let isolationImpossible = Code(name: "isolationImpossible")
    /// A log client is of no more use.
    package static let log = Code(name: "log")
    /// The directory for code cannot be used.
    package static let storage = Code(name: "storage")
  }

  /// What kind of error it is.
  package let code: Code
  /// What happened, for people.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "executor: \(message)" }
}
