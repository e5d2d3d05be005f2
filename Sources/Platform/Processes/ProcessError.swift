internal import Glibc

/// Why a process could not be started.
package struct ProcessError: Error, CustomStringConvertible, Equatable {
  /// What kind of refusal it was.
  package struct Code: Hashable, Sendable {
    let name: String
    /// The program does not exist or may not be executed.
    package static let notExecutable = Code(name: "notExecutable")
    /// The system has no process, memory or descriptor to spare. Retry later.
    package static let exhausted = Code(name: "exhausted")
    /// A step between fork and execution was refused: a user, a directory, a limit.
    package static let refused = Code(name: "refused")
  }

  /// What kind of refusal it was.
  package let code: Code
  /// The program and the step that failed.
  package let message: String

  /// Whether the same call may succeed later.
  package var isRetriable: Bool { code == .exhausted }

  init(program: String, step: String, number: Int32) {
    switch (step, number) {
    case (_, EAGAIN), (_, ENOMEM), (_, EMFILE), (_, ENFILE): code = .exhausted
    case ("execve", _): code = .notExecutable
    case (_, _): code = .refused
    }
    message = "\(program): \(step): \(unsafe String(cString: strerror(number)))"
  }

  package var description: String { "process not started: \(message)" }
}
