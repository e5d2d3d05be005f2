/// What a command line asks for.
package enum CommandRequest: Sendable, Equatable {
  /// To run a command.
  case run(ParsedCommand)
  /// To print help: the text.
  case help(String)
}

/// A command with the values that were said; all fit their declarations.
package struct ParsedCommand: Sendable, Equatable {
  /// The command's words with blanks between.
  package let name: String
  /// Each option that was said: its declared name and value (empty for a switch), in order.
  package let options: [Option]
  /// The arguments by name.
  package let arguments: [String: String]

  /// An option that was said.
  package struct Option: Sendable, Equatable {
    /// The declared name without dashes, whichever alias was said.
    package let name: String
    /// The value; empty for a switch.
    package let value: String
  }

  /// The value of an option; nil where it was not said.
  package func value(_ option: String) -> String? { options.last { $0.name == option }?.value }
  /// The values of an option that may stand more than once.
  package func values(_ option: String) -> [String] { options.filter { $0.name == option }.map(\.value) }
  /// Whether an option was said.
  package func has(_ option: String) -> Bool { options.contains { $0.name == option } }
  /// An argument; nil where it was not said.
  package func argument(_ name: String) -> String? { arguments[name] }
  /// An argument that is declared as required.
  package func required(_ name: String) -> String {
    guard let value = arguments[name] else { preconditionFailure("\(name) is not a required argument of \(self.name)") }
    return value
  }
}
