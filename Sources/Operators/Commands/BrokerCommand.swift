internal import CommandTable
internal import Settings

/// `broker`: the embedded broker alone. Its options are the broker's settings by shorter names.
enum BrokerCommand {
  private static let prefix = "broker-"
  private static let directory = "data"

  static func declaration(_ settings: [Setting]) -> CommandDeclaration {
    let options = settings.map { setting in
      let full = CommandOption(setting)
      return CommandOption(
        name(of: setting.flag), full.form, full.summary, aliases: [setting.flag])
    }
    return CommandDeclaration(
      "broker", "Run the embedded broker alone",
      discussion: [
        "A durable log on one machine that every Kafka client can use, as part of `up` or on its own. It runs until SIGTERM or"
          + " SIGINT; killed, it comes back with everything it has acknowledged."
      ], options: options + [MillraceCommands.settingsFile],
      examples: [
        .init("millrace broker --data /srv/log --listen 127.0.0.1:9092", "Run a broker on a folder of its own")
      ])
  }

  private static func name(of flag: String) -> String {
    let short = String(flag.dropFirst(prefix.count))
    return short == "directory" ? directory : short
  }

  /// The setting's flag that an option stands for.
  static func flag(_ option: String) -> String {
    if option == directory { return prefix + "directory" }
    return option.hasPrefix(prefix) || option == "log-level" ? option : prefix + option
  }
}
