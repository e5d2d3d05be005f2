package import CommandTable

/// Why a command ended without doing what it was asked, and with which code.
package struct CommandFailure: Error, CustomStringConvertible, Equatable {
  /// The exit codes of the program.
  package enum Code: Int32, Sendable, CaseIterable {
    /// The function failed, or the request was refused.
    case refused = 1
    /// It was not a command line of ours.
    case usage = 64
    /// Something that is needed cannot be reached, or does not answer in time.
    case unreachable = 69
  }

  /// The exit code.
  package let code: Code
  /// What happened and what to do, for people, without a full stop.
  package let message: String

  package var description: String { message }

  /// A failure.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// A command line that is not one of ours.
  package init(_ error: UsageError) { self.init(.usage, "\(error)") }
}
