package import Settings

/// The settings of `millrace up` and `millrace serve`: those that several roles or `up` need, and each role's own.
package enum MillraceSettings {
  /// What several roles or `up` itself need.
  package static let common = [
    Setting(
      "data.directory", .text,
      "Where this machine keeps its data; for `up` /var/lib/millrace as root and ~/.local/share/millrace otherwise",
      aliases: ["data"]),
    Setting(
      "kafka.bootstrap.servers", .list, "The brokers of the log; `up` starts its own where nothing is said",
      aliases: ["kafka"]),
    Setting(
      "postgres.url", .text,
      "The database, better by the variable or the YAML file, for it holds a password; `up` starts one where nothing is said",
      aliases: ["postgres"]),
    Setting(
      "gateway.listen", .address, default: "127.0.0.1:8080", "Where the gateway listens", aliases: ["listen"]),
    Setting("python.paths", .list, "Further Python interpreters, or folders of them, besides the usual places"),
    Setting(
      "role.drain", .duration, default: "20s",
      "How long a role may take to finish what it has begun; `up` ends each 10 s later, one role after the other"),
    Setting("log.level", .choice(LogLevels.names), default: "info", "The least level that is logged"),
  ]

  /// The table of all settings: the common ones, then those of the roles. A role may declare a common one again, for itself.
  package static func table(roles: [Setting]) -> SettingsTable {
    let known = Set(common.map(\.key))
    var seen = known
    return SettingsTable(common + roles.filter { seen.insert($0.key).inserted })
  }

  /// The reference page, in Markdown.
  package static func referencePage(_ table: SettingsTable) -> String {
    var text = """
      # Settings

      `millrace up` and `millrace serve` take each value from the strongest place that has one: the flag, the variable of the \
      environment, the YAML file that `--settings` or `MILLRACE_SETTINGS` names, the default. Unknown keys are refused.

      Secrets (`postgres.url`, `controller.token`) do not belong on a command line, where every user of the machine reads them: \
      give them by the variable, or by a YAML file that you alone can read. `up` itself hands them to its parts by variables.

      | key (YAML) | flag | variable | default | meaning |
      |---|---|---|---|---|

      """
    for setting in table.settings {
      let flags = (setting.aliases + [setting.flag]).map { "`--\($0)`" }.joined(separator: ", ")
      let standard = setting.standard.map { "`\($0)`" } ?? ""
      text += "| `\(setting.key)` | \(flags) | `\(setting.variable)` | \(standard) | \(setting.summary) |\n"
    }
    return text
  }
}

private enum LogLevels {
  static let names = ["trace", "debug", "info", "warning", "error"]
}
