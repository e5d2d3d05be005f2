import CommandTable
import Glibc
import Settings
import Testing

/// A small table with one of everything.
let sample = CommandTable(
  program: "mill", summary: "Turns things",
  commands: [
    CommandDeclaration(
      "turn", "Turn a thing", discussion: ["It turns."],
      arguments: [
        CommandArgument("THING", "What to turn"), CommandArgument("FORM", .choice(["fast", "slow"]), "How", .optional),
      ],
      options: [
        CommandOption("times", .value(placeholder: "N", .number(1...9)), "How often"),
        CommandOption("quiet", .switchedOn, "Say nothing"),
        CommandOption("label", .value(placeholder: "KEY=VALUE", .text), "Add a label", isRepeatable: true),
        CommandOption("input", .value(placeholder: "FILE|-", .file), "Read it", aliases: ["event"]),
        CommandOption(Setting("mill.listen", .address, default: "a:1", "Where it's heard", aliases: ["listen"])),
      ], examples: [.init("mill turn wheel --times 3", "Turn the wheel three times")]),
    CommandDeclaration(
      "wheels list", "List wheels",
      options: [CommandOption("output", .value(placeholder: "text|json", .choice(["text", "json"])), "How")]),
    CommandDeclaration("wheels show", "Show a wheel", arguments: [CommandArgument("WHEEL", "Which")]),
  ], groups: [.init("wheels", "Look after wheels")], exitCodes: [(0, "All is well"), (64, "Not a command line")])

@Suite struct CommandTableTests {
  private func parsed(_ line: String) throws -> ParsedCommand {
    guard case .run(let command) = try sample.parse(line.split(separator: " ").map(String.init)) else {
      throw UsageError("help", help: "")
    }
    return command
  }

  @Test func wordsOptionsAndArgumentsAreRead() throws {
    let command = try parsed("turn --times=3 wheel --quiet --label a=b slow --label c --event - --mill-listen h:1")
    #expect(command.name == "turn" && command.required("THING") == "wheel" && command.argument("FORM") == "slow")
    #expect(command.value("times") == "3" && command.has("quiet") && command.values("label") == ["a=b", "c"])
    #expect(command.value("input") == "-" && command.value("listen") == "h:1")
    #expect(try parsed("wheels show -- --odd").required("WHEEL") == "--odd")
    #expect(try parsed("wheels list").value("output") == nil)
  }

  @Test(arguments: [
    ("", "say what to do"), ("trun x", "there is no command trun; did you mean turn?"),
    ("zzz", "there is no command zzz"),
    ("wheels", "say what to do with wheels: list, show"),
    ("wheels lst", "there is no command wheels lst; did you mean list?"),
    ("turn w --time 3", "turn has no option --time; did you mean --times?"), ("turn w -q", "turn has no option -q"),
    ("turn", "turn needs THING"), ("turn a fast b", "turn does not take \"b\""),
    ("turn w --times", "--times needs a value: N"),
    ("turn w --times --quiet", "--times needs a value: N"), ("turn w --times 10", "--times takes a number from 1 to 9"),
    ("turn w --quiet=yes", "--quiet takes no value"), ("turn w --quiet --quiet", "--quiet stands twice"),
    ("turn w fats", "FORM takes one of fast, slow, not fats; did you mean fast?"),
    ("--turn", "the command comes first, not --turn; did you mean turn?"),
    ("turn w --input=", "--input cannot be empty"),
  ]) func whatIsNotACommandLineIsRefused(_ line: String, _ message: String) {
    let error = #expect(throws: UsageError.self) { try sample.parse(line.split(separator: " ").map(String.init)) }
    #expect(error?.message == message)
    #expect(error?.help.hasPrefix("mill ") == true)
  }

  @Test(arguments: ["--help", "help", "turn --help", "help turn", "wheels -h", "help wheels list", "turn --times 3 -h"])
  func helpIsGivenWhereItIsAsked(_ line: String) throws {
    guard case .help(let text) = try sample.parse(line.split(separator: " ").map(String.init)) else {
      Issue.record("no help")
      return
    }
    #expect(text.contains("Usage: mill") && text.hasSuffix("\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func everyCommandAndOptionStandsInHelpReferenceAndManPage() {
    let page = sample.referencePage()
    let manual = sample.manPage()
    for command in sample.commands {
      #expect(page.contains("## mill \(command.name)\n"))
      for option in command.options {
        #expect(page.contains("`--\(option.name)"))
        #expect(manual.contains("\\-\\-\(option.name)"))
      }
    }
    #expect(sample.help().contains("wheels  Look after wheels"))
  }

  private func run(_ command: String, reading text: String) throws -> (status: Int32, output: String) {
    var path = Array("/tmp/commandtable.XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(name) }
    #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
    let pipe = try #require(popen(command.split(separator: "%").joined(separator: name), "r"))
    var output: [UInt8] = []
    while case let byte = fgetc(pipe), byte >= 0 { output.append(UInt8(byte)) }
    return (pclose(pipe), String(decoding: output, as: UTF8.self))
  }

  @Test(arguments: [
    ("mill tu", 1, "turn"), ("mill wheels l", 2, "list"), ("mill turn w --out", 3, ""),
    ("mill turn w --ti", 3, "--times"),
    ("mill wheels list --output j", 4, "json"), ("mill wheels list --o", 3, "--output"),
  ]) func bashCompletes(_ line: String, _ position: Int, _ expected: String) throws {
    let words = line.split(separator: " ").map { "'\($0)'" }.joined(separator: " ")
    let call = "bash -c '. %; COMP_WORDS=(\(words)); COMP_CWORD=\(position); _mill; echo ${COMPREPLY[@]}' 2>&1"
      .split(separator: "'").joined(separator: "\"").split(separator: "$").joined(separator: "\\$")
    let result = try run(call, reading: sample.bashCompletions())
    #expect(result.status == 0)
    #expect(result.output == expected + "\n")
  }

  @Test(.enabled(if: access("/usr/bin/zsh", X_OK) == 0, "zsh is not installed")) func zshReadsItsCompletions() throws {
    #expect(try run("zsh -n % 2>&1", reading: sample.zshCompletions()) == (0, ""))
  }

  @Test(.enabled(if: access("/usr/bin/groff", X_OK) == 0, "groff is not installed")) func theManPageIsRoff() throws {
    #expect(try run("groff -man -ww -z % 2>&1", reading: sample.manPage()) == (0, ""))
  }
}
