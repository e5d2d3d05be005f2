package import Settings

/// What a value of an option or argument is: it checks what is said and completes it.
package enum ValueKind: Sendable, Equatable {
  /// Any text.
  case text
  /// A whole number within bounds.
  case number(ClosedRange<Int>)
  /// One of some words.
  case choice([String])
  /// A path of a file.
  case file
  /// A path of a directory.
  case directory
}

/// An option of a command: `--name VALUE`, or `--name` alone.
package struct CommandOption: Sendable, Equatable {
  /// Whether a value follows.
  package enum Form: Sendable, Equatable {
    /// It is there or not.
    case switchedOn
    /// A value follows, shown as the placeholder in help.
    case value(placeholder: String, ValueKind)
  }

  /// The name without dashes.
  package let name: String
  /// Further names without dashes.
  package let aliases: [String]
  /// Whether a value follows.
  package let form: Form
  /// Whether it may stand more than once.
  package let isRepeatable: Bool
  /// One sentence without a full stop.
  package let summary: String

  /// Declares an option.
  package init(_ name: String, _ form: Form, _ summary: String, aliases: [String] = [], isRepeatable: Bool = false) {
    self.name = name
    self.aliases = aliases
    self.form = form
    self.isRepeatable = isRepeatable
    self.summary = summary
  }

  /// The option that sets a setting. Its value is checked where settings are resolved.
  package init(_ setting: Setting) {
    let standard = setting.standard.map { " (default \($0))" } ?? ""
    let kind: ValueKind = if case .choice(let words) = setting.kind { .choice(words) } else { .text }
    // The shortest name is the one that people type.
    let names = setting.aliases + [setting.flag]
    self.init(
      names[0], .value(placeholder: setting.placeholder, kind), setting.summary + standard,
      aliases: Array(names.dropFirst()))
  }

  var names: [String] { [name] + aliases }
}

/// An argument of a command, known by its place.
package struct CommandArgument: Sendable, Equatable {
  /// Whether it must be there.
  package enum Presence: Sendable, Equatable {
    /// It must.
    case required
    /// It may.
    case optional
  }

  /// The name as help shows it: `FUNCTION`.
  package let name: String
  /// What it is.
  package let kind: ValueKind
  /// Whether it must be there.
  package let presence: Presence
  /// One sentence without a full stop.
  package let summary: String

  /// Declares an argument.
  package init(_ name: String, _ kind: ValueKind, _ summary: String, _ presence: Presence = .required) {
    self.name = name
    self.kind = kind
    self.presence = presence
    self.summary = summary
  }

  /// Declares an argument that is any text.
  package init(_ name: String, _ summary: String, _ presence: Presence = .required) {
    self.init(name, .text, summary, presence)
  }
}

/// A command: the words that call it, and what may follow them.
package struct CommandDeclaration: Sendable, Equatable {
  /// One or two words: `invoke`, or `functions list`.
  package let words: [String]
  /// One sentence without a full stop.
  package let summary: String
  /// Further paragraphs; may be empty.
  package let discussion: [String]
  /// What follows, in order; optional ones last.
  package let arguments: [CommandArgument]
  /// What may stand anywhere after the words.
  package let options: [CommandOption]
  /// Command lines to show, with what they do.
  package let examples: [Example]

  /// A command line to show.
  package struct Example: Sendable, Equatable {
    /// The line, without a prompt.
    package let line: String
    /// What it does, without a full stop.
    package let meaning: String
    /// An example.
    package init(_ line: String, _ meaning: String) {
      self.line = line
      self.meaning = meaning
    }
  }

  /// Declares a command; its words are separated by a blank.
  package init(
    _ words: String, _ summary: String, discussion: [String] = [], arguments: [CommandArgument] = [],
    options: [CommandOption] = [], examples: [Example] = []
  ) {
    self.words = words.split(separator: " ").map(String.init)
    self.summary = summary
    self.discussion = discussion
    self.arguments = arguments
    self.options = options
    self.examples = examples
    precondition(1...2 ~= self.words.count)
    let names = options.flatMap(\.names)
    precondition(Set(names).count == names.count, "two options of \(words) share a name")
  }

  /// The words with blanks between: what a parsed command is known by.
  package var name: String { words.joined(separator: " ") }
}
