/// Why a submission was not built.
package struct BuilderError: Error, CustomStringConvertible, Equatable {
  /// What kind of reason it was.
  package struct Code: Hashable, Sendable {
    /// Its name in metrics.
    package let name: String
    /// The archive is refused: see the message.
    package static let badArchive = Code(name: "bad_archive")
    /// The package has no files.
    package static let empty = Code(name: "empty")
    /// The handler's file is not in the package.
    package static let missingHandler = Code(name: "missing_handler")
    /// The handler's file is no Python of the chosen version.
    package static let syntax = Code(name: "syntax")
    /// The handler's file is larger than is parsed.
    package static let tooLarge = Code(name: "too_large")
    /// Dependencies are asked for.
    package static let dependencies = Code(name: "dependencies")
    /// The runtime does not exist here.
    package static let unknownRuntime = Code(name: "unknown_runtime")
    /// The upload is not on the log any more, or damaged.
    package static let lostUpload = Code(name: "lost_upload")
    /// The controller rejects the version.
    package static let rejected = Code(name: "rejected")
    /// The submission names a deployment that the controller does not know.
    package static let unknownDeployment = Code(name: "unknown_deployment")
    /// Log, controller or system are not able to right now. Tried again.
    package static let unavailable = Code(name: "unavailable")
    /// A client of the log failed for good: another builder has to take over.
    package static let log = Code(name: "log")
  }

  /// What kind of reason.
  package let code: Code
  /// What is wrong and what would be right; safe to show a customer.
  package let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// Whether the same submission may be built later.
  package var isRetriable: Bool { code == .unavailable }
  package var description: String { message }
}
