/// Why a sandbox, or anything it needs, could not be made. It never means that a weaker sandbox runs instead.
package struct SandboxError: Error, CustomStringConvertible, Equatable {
  /// What kind of refusal it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// This host cannot isolate: the message names the step. The executor must not start.
    package static let isolationImpossible = Code(name: "isolationImpossible")
    /// No interpreter of that name is on this host: the message names those that are.
    package static let unknownRuntime = Code(name: "unknownRuntime")
    /// The specification is out of bounds or its code is not there.
    package static let invalidSpecification = Code(name: "invalidSpecification")
    /// A step of starting this one sandbox failed. Retry.
    package static let startFailed = Code(name: "startFailed")
    /// The host has no descriptor, process, memory or user number to spare. Retry when sandboxes have ended.
    package static let exhausted = Code(name: "exhausted")
  }

  /// What kind of refusal it was.
  package let code: Code
  /// The step that failed and why; safe to show an operator.
  package let message: String

  /// Whether the same call may succeed later.
  package var isRetriable: Bool { code == .startFailed || code == .exhausted }

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { "sandbox: \(code.name): \(message)" }
}
