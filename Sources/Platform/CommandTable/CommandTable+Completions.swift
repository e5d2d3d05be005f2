extension CommandTable {
  /// A script that makes bash complete the program's command lines.
  package func bashCompletions() -> String {
    var cases = ""
    for command in commands {
      cases += "    \"\(command.name)\")\n"
      for option in command.options {
        guard case .value(_, let kind) = option.form else { continue }
        let pattern = option.names.map { "--\($0)" }.joined(separator: "|")
        cases += "      case $previous in \(pattern)) \(CommandTable.bashWords(kind)); return ;; esac\n"
      }
      let names = (command.options.map { "--\($0.name)" } + ["--help"]).joined(separator: " ")
      cases +=
        "      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W \"\(names)\" -- \"$current\")); return; fi\n"
      if let argument = command.arguments.first { cases += "      \(CommandTable.bashWords(argument.kind))\n" }
      cases += "      ;;\n"
    }
    for group in groups where command(group.name) == nil {
      let words = members(of: group).map { $0.words[1] }.joined(separator: " ")
      cases += "    \"\(group.name)\") COMPREPLY=($(compgen -W \"\(words)\" -- \"$current\")) ;;\n"
    }
    let groupPattern = groups.filter { command($0.name) == nil }.map(\.name).joined(separator: "|")
    return """
      # bash completion for \(program); put it into ~/.local/share/bash-completion/completions/\(program)
      _\(program)() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
        COMPREPLY=()
        if [[ $COMP_CWORD -eq 1 ]]; then
          COMPREPLY=($(compgen -W "\(firstWords.map(\.name).joined(separator: " "))" -- "$current")); return
        fi
        case $command in \(groupPattern)) if [[ $COMP_CWORD -gt 2 ]]; then command="$command ${COMP_WORDS[2]}"; fi ;; esac
        case $command in
      \(cases)  esac
      }
      complete -F _\(program) \(program)

      """
  }

  private static func bashWords(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number: "COMPREPLY=()"
    case .choice(let words): "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$current\"))"
    case .file: "COMPREPLY=($(compgen -f -- \"$current\"))"
    case .directory: "COMPREPLY=($(compgen -d -- \"$current\"))"
    }
  }

  /// A script that makes zsh complete the program's command lines.
  package func zshCompletions() -> String {
    var cases = ""
    for command in commands {
      let options = command.options.map { "    \(CommandTable.zshSpec($0)) \\\n" }.joined()
      let arguments = command.arguments.map { "    '\($0.name):\(CommandTable.zshWords($0.kind))' \\\n" }
      // The words of the command stand before; an argument is counted after them.
      let numbered = arguments.enumerated().map {
        "    '\($0.offset + command.words.count + 1):" + $0.element.dropFirst(5)
      }
      cases += "  '\(command.name)') _arguments \\\n\(options)\(numbered.joined())    '--help[Say this]' ;;\n"
    }
    for group in groups where command(group.name) == nil {
      let rows = members(of: group).map { CommandTable.zshRow($0.words[1], $0.summary) }.joined(separator: " ")
      cases += "  '\(group.name)') local -a members=(\(rows)); _describe command members ;;\n"
    }
    let groupPattern = groups.filter { command($0.name) == nil }.map(\.name).joined(separator: "|")
    let rows = firstWords.map { CommandTable.zshRow($0.name, $0.summary) }.joined(separator: " ")
    return """
      #compdef \(program)
      # zsh completion for \(program); put it as _\(program) into a directory of $fpath
      local name=$words[2]
      if (( CURRENT == 2 )); then
        local -a commands=(\(rows))
        _describe command commands
        return
      fi
      case $name in \(groupPattern)) (( CURRENT > 3 )) && name="$name $words[3]" ;; esac
      case $name in
      \(cases)esac

      """
  }

  private static func zshSpec(_ option: CommandOption) -> String {
    let summary = zshText(option.summary)
    switch option.form {
    case .switchedOn: return "'--\(option.name)[\(summary)]'"
    case .value(let placeholder, let kind):
      let repeated = option.isRepeatable ? "*" : ""
      return "'\(repeated)--\(option.name)[\(summary)]:\(zshText(placeholder)):\(zshWords(kind))'"
    }
  }

  private static func zshWords(_ kind: ValueKind) -> String {
    switch kind {
    case .text, .number: " "
    case .choice(let words): "(\(words.joined(separator: " ")))"
    case .file: "_files"
    case .directory: "_files -/"
    }
  }

  private static func zshRow(_ name: String, _ summary: String) -> String { "'\(name):\(zshText(summary))'" }

  /// Without what ends a quoted part or a bracket of a specification.
  private static func zshText(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "'": result += "’"
      case "[", "]", ":": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
