internal import Settings

extension CommandTable {
  /// Reads a command line, without the program's own name.
  ///
  /// - Throws: ``UsageError``, naming the nearest command or option where one is near.
  package func parse(_ words: [String]) throws(UsageError) -> CommandRequest {
    guard let first = words.first else { throw UsageError("say what to do", help: "\(program) --help") }
    if ["--help", "-h", "help"].contains(first) { return .help(try helpText(about: Array(words.dropFirst()))) }
    if first.hasPrefix("-") {
      let nearest = NearestName.hint(for: String(first.drop { $0 == "-" }), in: firstWords.map(\.name))
      throw UsageError("the command comes first, not \(first)\(nearest)", help: "\(program) --help")
    }
    if let command = command(first) { return try parse(Array(words.dropFirst()), of: command) }
    guard let group = groups.first(where: { $0.name == first }) else {
      let nearest = NearestName.hint(for: first, in: firstWords.map(\.name))
      throw UsageError("there is no command \(first)\(nearest)", help: "\(program) --help")
    }
    return try parse(Array(words.dropFirst()), of: group)
  }

  private func parse(_ words: [String], of group: Group) throws(UsageError) -> CommandRequest {
    let members = members(of: group).map { $0.words[1] }
    let help = "\(program) \(group.name) --help"
    guard let second = words.first else {
      throw UsageError("say what to do with \(group.name): \(members.joined(separator: ", "))", help: help)
    }
    if second == "--help" || second == "-h" { return .help(self.help(of: group)) }
    guard let command = command("\(group.name) \(second)") else {
      let nearest = NearestName.hint(for: second, in: members)
      throw UsageError("there is no command \(group.name) \(second)\(nearest)", help: help)
    }
    return try parse(Array(words.dropFirst()), of: command)
  }

  private func helpText(about words: [String]) throws(UsageError) -> String {
    guard !words.isEmpty else { return help() }
    if words.count == 1, let group = groups.first(where: { $0.name == words[0] }), command(words[0]) == nil {
      return help(of: group)
    }
    guard let command = command(words.joined(separator: " ")) else {
      let nearest = NearestName.hint(for: words.joined(separator: " "), in: commands.map(\.name))
      throw UsageError("there is no command \(words.joined(separator: " "))\(nearest)", help: "\(program) --help")
    }
    return help(of: command)
  }

  private func parse(_ words: [String], of command: CommandDeclaration) throws(UsageError) -> CommandRequest {
    let help = "\(program) \(command.name) --help"
    var options: [ParsedCommand.Option] = []
    var positional: [String] = []
    var rest = words[...]
    var takesOptions = true
    while let word = rest.popFirst() {
      if takesOptions, word == "--" {
        takesOptions = false
      } else if takesOptions, word == "--help" || word == "-h" {
        return .help(self.help(of: command))
      } else if takesOptions, word.hasPrefix("-"), word != "-" {
        let option = try option(word, &rest, of: command, help)
        let declared = command.options.first { $0.name == option.name }
        guard declared?.isRepeatable == true || !options.contains(where: { $0.name == option.name }) else {
          throw UsageError("--\(option.name) stands twice", help: help)
        }
        options.append(option)
      } else {
        positional.append(word)
      }
    }
    let arguments = try arguments(positional, of: command, help)
    return .run(ParsedCommand(name: command.name, options: options, arguments: arguments))
  }

  private func option(
    _ word: String, _ rest: inout ArraySlice<String>, of command: CommandDeclaration, _ help: String
  ) throws(UsageError) -> ParsedCommand.Option {
    let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let said = String(parts.first ?? "")
    guard word.hasPrefix("--"), let option = command.options.first(where: { $0.names.contains(said) }) else {
      let nearest = NearestName.of(said, in: command.options.flatMap(\.names)).map { "; did you mean --\($0)?" } ?? ""
      throw UsageError("\(command.name) has no option \(word)\(nearest)", help: help)
    }
    switch option.form {
    case .switchedOn:
      guard parts.count == 1 else { throw UsageError("--\(said) takes no value", help: help) }
      return ParsedCommand.Option(name: option.name, value: "")
    case .value(let placeholder, let kind):
      let value: String
      if parts.count == 2 {
        value = String(parts[1])
      } else if let next = rest.first, !next.hasPrefix("--") {
        value = next
        rest.removeFirst()
      } else {
        throw UsageError("--\(said) needs a value: \(placeholder)", help: help)
      }
      try check(value, kind, "--\(said)", help)
      return ParsedCommand.Option(name: option.name, value: value)
    }
  }

  private func arguments(
    _ words: [String], of command: CommandDeclaration, _ help: String
  ) throws(UsageError) -> [String: String] {
    guard words.count <= command.arguments.count else {
      throw UsageError("\(command.name) does not take \"\(words[command.arguments.count])\"", help: help)
    }
    var values: [String: String] = [:]
    for (index, argument) in command.arguments.enumerated() {
      guard index < words.count else {
        if argument.presence == .required { throw UsageError("\(command.name) needs \(argument.name)", help: help) }
        continue
      }
      try check(words[index], argument.kind, argument.name, help)
      values[argument.name] = words[index]
    }
    return values
  }

  private func check(_ value: String, _ kind: ValueKind, _ what: String, _ help: String) throws(UsageError) {
    switch kind {
    case .text, .file, .directory:
      if value.isEmpty { throw UsageError("\(what) cannot be empty", help: help) }
    case .number(let range):
      guard let number = Int(value), range.contains(number) else {
        throw UsageError("\(what) takes a number from \(range.lowerBound) to \(range.upperBound)", help: help)
      }
    case .choice(let words):
      guard words.contains(value) else {
        let nearest = NearestName.hint(for: value, in: words)
        throw UsageError("\(what) takes one of \(words.joined(separator: ", ")), not \(value)\(nearest)", help: help)
      }
    }
  }
}
