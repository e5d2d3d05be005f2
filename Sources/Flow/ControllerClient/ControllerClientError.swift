/// Why the controller did not answer a command. What it rejects is an answer, not an error.
package struct ControllerClientError: Error, CustomStringConvertible, Equatable {
  /// What kind of failure it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// It could not be reached, or was too busy, for as long as the client is patient. Whether the command was done is
    /// not known; repeating it is safe.
    package static let unreachable = Code(name: "unreachable")
    /// It does not accept the cluster token.
    package static let forbidden = Code(name: "forbidden")
    /// It does not understand the request, or the client its answer: versions differ.
    package static let badAnswer = Code(name: "badAnswer")
    /// The task was cancelled.
    package static let cancelled = Code(name: "cancelled")
  }

  /// What kind of failure it was.
  package let code: Code
  /// What happened.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Whether the same command may succeed later.
  package var isRetriable: Bool { code == .unreachable }
  package var description: String { "controller: \(message)" }
}
