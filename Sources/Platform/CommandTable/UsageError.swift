/// A command line that is not one of the table's.
package struct UsageError: Error, CustomStringConvertible, Equatable {
  /// The exit code that means so (`EX_USAGE`).
  package static let exitCode: Int32 = 64

  /// What is wrong, in one sentence without a full stop.
  package let message: String
  /// The command line that tells more: `millrace invoke --help`.
  package let help: String

  /// A refusal; `help` is the command line that tells more.
  package init(_ message: String, help: String) {
    self.message = message
    self.help = help
  }

  package var description: String { "\(message)\nSee: \(help)" }
}
