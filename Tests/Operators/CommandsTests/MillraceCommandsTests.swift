import CommandTable
import Commands
import Settings
import Testing

@Suite struct MillraceCommandsTests {
  private let table = MillraceCommands.table(
    settings: MillraceSettings.table(roles: []), roles: ["controller", "gateway"],
    brokerSettings: [
      Setting("broker.directory", .text, "Where"), Setting("broker.listen", .address, "Where"),
    ])

  private func parsed(_ words: [String]) throws -> ParsedCommand? {
    if case .run(let command) = try table.parse(words) { command } else { nil }
  }

  @Test(arguments: [
    (["up", "--data", "/d", "--listen", "127.0.0.1:1", "--kafka", "h:1", "--postgres", "postgres:///x"], "up"),
    (["up", "--gateway-listen", "127.0.0.1:1", "--settings", "f.yaml"], "up"),
    (["serve", "--roles", "gateway,controller", "--kafka", "h:1"], "serve"),
    (["broker", "--data", "/d", "--listen", "127.0.0.1:1"], "broker"), (["init", "hello"], "init"),
    (["deploy", "hello", "--output", "json"], "deploy"),
    (["invoke", "hello", "--event", #"{"name":"world"}"#], "invoke"),
    (["invoke", "hello", "--event", "-", "--async", "--tail", "--output", "json"], "invoke"),
    (["invoke", "hello", "--event", "@file"], "invoke"), (["functions", "list"], "functions list"),
    (["functions", "show", "hello"], "functions show"), (["functions", "delete", "hello"], "functions delete"),
    (["invocations", "list", "--function", "f", "--status", "timed_out", "--since", "1h"], "invocations list"),
    (["invocations", "show", "ID", "--output", "json"], "invocations show"),
    (["invocations", "result", "ID"], "invocations result"), (["logs", "hello", "--last", "3"], "logs"),
    (["topics", "list", "--kafka", "h:1"], "topics list"), (["topics", "diff"], "topics diff"),
    (["topics", "apply", "--allow-losses"], "topics apply"), (["doctor"], "doctor"),
    (["version", "--output", "json"], "version"), (["completions", "zsh"], "completions"),
    (["reference", "man"], "reference"),
  ]) func everyCommandIsRead(_ words: [String], _ name: String) throws {
    #expect(try parsed(words)?.name == name)
  }

  @Test func everyDeclaredCommandIsAmongThoseOfTheTest() {
    #expect(table.commands.count == 20)
  }

  @Test(arguments: [
    (["invok", "hello"], "did you mean invoke?"), (["invoke"], "invoke needs FUNCTION"),
    (["invoke", "f", "--evnt", "{}"], "did you mean --event?"), (["functions", "lst"], "did you mean list?"),
    (["invocations", "list", "--status", "suceeded"], "did you mean succeeded?"),
    (["up", "--dta", "x"], "did you mean --data?"), (["completions", "fish"], "bash, zsh"),
  ]) func whatIsMisspeltIsRefusedNamingTheNearest(_ words: [String], _ part: String) {
    let error = #expect(throws: UsageError.self) { try table.parse(words) }
    #expect(error?.message.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func aRoleMayDeclareACommonSettingAgain() {
    let table = MillraceSettings.table(roles: [
      Setting("gateway.listen", .address, "again"), Setting("executor.slots", .integer(1...9), "Slots"),
      Setting("executor.slots", .integer(1...9), "Slots of another"),
    ])
    #expect(table.setting(flag: "listen")?.key == "gateway.listen")
    #expect(table.settings.filter { $0.key == "executor.slots" }.count == 1)
    #expect(
      MillraceSettings.referencePage(table).contains(
        "| `executor.slots` | `--executor-slots` | `MILLRACE_EXECUTOR_SLOTS` |"))
  }

  @Test func columnsAreAlignedOnATerminalAndTabbedOtherwise() {
    var table = TextTable(["NAME", "STATUS"])
    table.add(["a", "ok"])
    table.add(["longer", "not\u{1b}[31m"])
    #expect(table.lines(for: .terminal) == ["NAME    STATUS", "a       ok", "longer  not?[31m"])
    #expect(table.lines(for: .program) == ["a\tok", "longer\tnot?[31m"])
  }
}
