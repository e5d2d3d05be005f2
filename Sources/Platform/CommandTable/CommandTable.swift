/// All commands of a program. It parses, and writes help, completions, the reference page and the man page, so that they
/// cannot disagree.
package struct CommandTable: Sendable {
  /// The words that stand before several commands, such as `functions`.
  package struct Group: Sendable {
    let name: String
    let summary: String
    /// Declares a group.
    package init(_ name: String, _ summary: String) {
      self.name = name
      self.summary = summary
    }
  }

  /// The program's name.
  package let program: String
  /// What it is, in one sentence without a full stop.
  package let summary: String
  /// The commands in the order of help.
  package let commands: [CommandDeclaration]
  let groups: [Group]
  let exitCodes: [(code: Int, meaning: String)]

  /// A table. Each first word of a two-word command is a declared group.
  package init(
    program: String, summary: String, commands: [CommandDeclaration], groups: [Group],
    exitCodes: [(code: Int, meaning: String)]
  ) {
    self.program = program
    self.summary = summary
    self.commands = commands
    self.groups = groups
    self.exitCodes = exitCodes
    precondition(Set(commands.map(\.name)).count == commands.count, "two commands share a name")
    for command in commands where command.words.count == 2 {
      precondition(groups.contains { $0.name == command.words[0] }, "\(command.words[0]) is not a declared group")
    }
  }

  /// The command of that name; nil where there is none.
  package func command(_ name: String) -> CommandDeclaration? { commands.first { $0.name == name } }

  func members(of group: Group) -> [CommandDeclaration] {
    commands.filter { $0.words.count == 2 && $0.words[0] == group.name }
  }

  /// What stands first on a command line: single commands and groups, in the order of the commands.
  var firstWords: [(name: String, summary: String)] {
    var words: [(name: String, summary: String)] = []
    for command in commands where !words.contains(where: { $0.name == command.words[0] }) {
      let group = groups.first { $0.name == command.words[0] }
      words.append((command.words[0], group?.summary ?? command.summary))
    }
    return words
  }
}
