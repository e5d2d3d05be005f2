extension CommandTable {
  /// The reference page, in Markdown.
  package func referencePage() -> String {
    var text = "# \(program): command line\n\n\(summary). This page is written from the table that parses commands.\n"
    text += "\n| exit code | meaning |\n|---|---|\n"
    for (code, meaning) in exitCodes { text += "| \(code) | \(CommandTable.cell(meaning)) |\n" }
    for command in commands { text += referenceSection(command) }
    return text
  }

  private func referenceSection(_ command: CommandDeclaration) -> String {
    var text = "\n## \(program) \(command.name)\n\n\(command.summary).\n\n```\n\(usage(of: command))\n```\n"
    for paragraph in command.discussion { text += "\n\(paragraph)\n" }
    if !command.arguments.isEmpty {
      text += "\n| argument | meaning |\n|---|---|\n"
      for argument in command.arguments {
        let optional = argument.presence == .optional ? " (optional)" : ""
        text += "| `\(argument.name)` | \(CommandTable.cell(argument.summary))\(optional) |\n"
      }
    }
    if !command.options.isEmpty {
      text += "\n| option | meaning |\n|---|---|\n"
      for option in command.options {
        let shown = CommandTable.shown(option).map { $0 == "|" ? "\\|" : String($0) }.joined()
        text += "| `\(shown)` | \(CommandTable.cell(CommandTable.summary(of: option))) |\n"
      }
    }
    if !command.examples.isEmpty {
      text += "\n```sh\n"
      for example in command.examples { text += "# \(example.meaning)\n\(example.line)\n" }
      text += "```\n"
    }
    return text
  }

  private static func cell(_ text: String) -> String { text.map { $0 == "|" ? "\\|" : String($0) }.joined() }

  /// The man page, section 1, in roff.
  package func manPage() -> String {
    var text = ".TH \(program.uppercased()) 1\n.SH NAME\n\(program) \\- \(CommandTable.roff(summary))\n"
    text += ".SH SYNOPSIS\n.B \(program)\nCOMMAND ...\n.SH COMMANDS\n"
    for command in commands {
      text += ".SS \(CommandTable.roff(usage(of: command)))\n\(CommandTable.roff(command.summary)).\n"
      for paragraph in command.discussion { text += ".PP\n\(CommandTable.roff(paragraph))\n" }
      for argument in command.arguments {
        text += ".TP\n.I \(CommandTable.roff(argument.name))\n\(CommandTable.roff(argument.summary)).\n"
      }
      for option in command.options {
        let summary = CommandTable.summary(of: option)
        text += ".TP\n.B \(CommandTable.roff(CommandTable.shown(option)))\n\(CommandTable.roff(summary)).\n"
      }
      for example in command.examples {
        text +=
          ".PP\n\(CommandTable.roff(example.meaning)):\n.PP\n.RS\n.EX\n\(CommandTable.roff(example.line))\n.EE\n.RE\n"
      }
    }
    text += ".SH EXIT STATUS\n"
    for (code, meaning) in exitCodes { text += ".TP\n.B \(code)\n\(CommandTable.roff(meaning)).\n" }
    return text
  }

  /// Text that roff takes as it is.
  private static func roff(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "…": result += "..."
      default: result.append(character)
      }
    }
    return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
  }
}
