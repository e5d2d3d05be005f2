extension CommandTable {
  /// The program's help.
  package func help() -> String {
    var text = "\(summary).\n\nUsage: \(program) COMMAND …\n\nCommands:\n"
    text += CommandTable.columns(firstWords.map { ($0.name, $0.summary) })
    text += "\nExit codes:\n" + CommandTable.columns(exitCodes.map { ("\($0.code)", $0.meaning) })
    return text + "\nMore on one: \(program) COMMAND --help\n"
  }

  func help(of group: Group) -> String {
    "\(group.summary).\n\nUsage: \(program) \(group.name) COMMAND …\n\nCommands:\n"
      + CommandTable.columns(members(of: group).map { ($0.words[1], $0.summary) })
      + "\nMore on one: \(program) \(group.name) COMMAND --help\n"
  }

  func help(of command: CommandDeclaration) -> String {
    var text = "\(command.summary).\n\nUsage: \(usage(of: command))\n"
    for paragraph in command.discussion { text += "\n" + CommandTable.wrapped(paragraph, indentation: 0) }
    if !command.arguments.isEmpty {
      text += "\nArguments:\n" + CommandTable.columns(command.arguments.map { ($0.name, $0.summary) })
    }
    text += "\nOptions:\n"
    let options = command.options.map { (CommandTable.shown($0), CommandTable.summary(of: $0)) }
    text += CommandTable.columns(options + [("--help", "Say this")])
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples { text += "  \(example.line)\n      \(example.meaning)\n" }
    }
    return text
  }

  func usage(of command: CommandDeclaration) -> String {
    var parts = [program] + command.words
    for argument in command.arguments {
      parts.append(argument.presence == .required ? argument.name : "[\(argument.name)]")
    }
    if !command.options.isEmpty { parts.append("[OPTIONS]") }
    return parts.joined(separator: " ")
  }

  static func shown(_ option: CommandOption) -> String {
    switch option.form {
    case .switchedOn: "--\(option.name)"
    case .value(let placeholder, _): "--\(option.name) \(placeholder)"
    }
  }

  static func summary(of option: CommandOption) -> String {
    let also = option.aliases.isEmpty ? "" : "; also \(option.aliases.map { "--\($0)" }.joined(separator: ", "))"
    return option.summary + also
  }

  private static let helpWidth = 100
  private static let widestName = 30

  /// Two columns; a name too wide for the first stands on a line of its own.
  static func columns(_ rows: [(name: String, text: String)]) -> String {
    let width = min(widestName, rows.map(\.name.count).max() ?? 0)
    var result = ""
    for (name, text) in rows {
      let wrapped = wrapped(text, indentation: width + 4)
      if name.count > width {
        result += "  \(name)\n\(wrapped)"
      } else {
        let padding = String(repeating: " ", count: width - name.count + 2)
        result += "  \(name)\(padding)\(wrapped.drop { $0 == " " })"
      }
    }
    return result
  }

  /// Lines of at most ``helpWidth`` characters, each indented and ended.
  static func wrapped(_ text: String, indentation: Int) -> String {
    let indent = String(repeating: " ", count: indentation)
    var lines: [String] = []
    var line = indent
    for word in text.split(separator: " ") {
      if line.count > indentation, line.count + 1 + word.count > helpWidth {
        lines.append(line)
        line = indent
      }
      line += (line.count > indentation ? " " : "") + word
    }
    lines.append(line)
    return lines.map { $0 + "\n" }.joined()
  }
}
