package import CommandTable
package import Settings

/// All commands of the program.
package enum MillraceCommands {
  /// The table, for a program with these settings and roles.
  package static func table(
    settings: SettingsTable, roles: [String], brokerSettings: [Setting]
  ) -> CommandTable {
    CommandTable(
      program: "millrace", summary: "Run Python functions on a Kafka log",
      commands: server(settings, roles) + [BrokerCommand.declaration(brokerSettings)] + functions + rest,
      groups: groups, exitCodes: exitCodes)
  }

  private static let groups: [CommandTable.Group] = [
    .init("functions", "List, show and delete functions"),
    .init("invocations", "Find invocations, their states and results"),
    .init("topics", "Look after the topics of the log"),
  ]

  private static let exitCodes = [
    (code: 0, meaning: "It was done"), (1, "The function failed, or the request was refused"),
    (64, "Not a command line of this program"), (69, "Something needed cannot be reached, or did not answer in time"),
  ]

  static let output = CommandOption(
    "output", .value(placeholder: "text|json", .choice(["text", "json"])), "How data is printed (default text)")
  static let connection = [
    CommandOption("url", .value(placeholder: "URL", .text), "The gateway, instead of MILLRACE_URL and the context's"),
    CommandOption(
      "token-file", .value(placeholder: "FILE", .file),
      "A file with the token, instead of MILLRACE_TOKEN and the context's"),
  ]
  static let settingsFile = CommandOption(
    "settings", .value(placeholder: "FILE", .file),
    "A YAML file with settings; flags and MILLRACE_* variables are stronger")

  private static func server(_ settings: SettingsTable, _ roles: [String]) -> [CommandDeclaration] {
    let options = settings.settings.map { CommandOption($0) } + [settingsFile]
    let which = CommandOption("roles", .value(placeholder: "A,B", .text), "Which: \(roles.joined(separator: ", "))")
    return [
      CommandDeclaration(
        "up", "Run everything on this machine",
        discussion: [
          "Starts the embedded broker (none with --kafka), a private PostgreSQL from the installed programs (none with"
            + " --postgres) and every role as a supervised process, prints the URL and a first command, and runs until SIGTERM or SIGINT, which drain.",
          "DATA/admin.token, DATA/postgres.url and DATA/kafka.bootstrap say how to reach it; a context is written so that"
            + " the next command needs neither URL nor token.",
        ], options: options,
        examples: [
          .init("millrace up", "Run everything, the log included"),
          .init("millrace up --kafka 127.0.0.1:9092", "Run on a Kafka that is there"),
        ]),
      CommandDeclaration(
        "serve", "Run chosen roles in this process", options: [which] + options,
        examples: [
          .init(
            "millrace serve --roles executor --kafka broker:9092 --data /srv/millrace", "Add an executor to a cluster")
        ]),
    ]
  }

  private static let functions = [
    CommandDeclaration(
      "init", "Make a folder with a first function",
      arguments: [CommandArgument("NAME", .directory, "The folder, whose last part becomes the function's name")],
      examples: [.init("millrace init hello", "Write hello/millrace.yaml and hello/app.py")]),
    CommandDeclaration(
      "deploy", "Deploy the function in a folder, and wait until it can be invoked",
      discussion: [
        "The folder holds millrace.yaml (name, handler, runtime, memory, timeout, environment, concurrency, storage,"
          + " description) and the code. `.git`, `__pycache__`, `*.pyc`, `.venv` and what `.millraceignore` lists stay behind."
      ], arguments: [CommandArgument("FOLDER", .directory, "Where millrace.yaml is")],
      options: [
        CommandOption("name", .value(placeholder: "NAME", .text), "Another name than the one in millrace.yaml")
      ] + connection + [output],
      examples: [.init("millrace deploy hello", "Deploy the function in the folder hello")]),
    CommandDeclaration(
      "invoke", "Invoke a function",
      discussion: [
        "Prints what the function answers. A function that fails makes exit code 1; its error is printed all the same."
      ],
      arguments: [CommandArgument("FUNCTION", "Which function")],
      options: [
        CommandOption(
          "event", .value(placeholder: "JSON|@FILE|-", .text),
          "The event, a file that holds it, or - for the input (default {})"),
        CommandOption("async", .switchedOn, "Do not wait: print the invocation's id once the log has it"),
        CommandOption("tail", .switchedOn, "Print the function's log afterwards, to the error output"),
      ] + connection + [output],
      examples: [
        .init(#"millrace invoke hello --event '{"name":"world"}'"#, "Invoke and wait for the answer"),
        .init("millrace invoke hello --event @event.json --async", "Invoke without waiting"),
      ]),
    CommandDeclaration("functions list", "List functions", options: connection + [output]),
    CommandDeclaration(
      "functions show", "Show a function and its versions", arguments: [CommandArgument("FUNCTION", "Which function")],
      options: connection + [output]),
    CommandDeclaration(
      "functions delete", "Delete a function with all its versions",
      arguments: [CommandArgument("FUNCTION", "Which function")],
      options: connection + [output]),
    CommandDeclaration(
      "invocations list", "List invocations, the newest first",
      options: [
        CommandOption("function", .value(placeholder: "FUNCTION", .text), "Only those of one function"),
        CommandOption(
          "status",
          .value(
            placeholder: "STATUS",
            .choice([
              "accepted", "running", "succeeded", "failed", "timed_out", "out_of_memory", "cancelled", "expired",
              "dead",
            ])), "Only those in one state"),
        CommandOption("since", .value(placeholder: "DURATION", .text), "Only those of the last time, such as 1h"),
        CommandOption("cursor", .value(placeholder: "CURSOR", .text), "Go on where an earlier list ended"),
      ] + connection + [output]),
    CommandDeclaration(
      "invocations show", "Show an invocation and its timeline", arguments: [CommandArgument("ID", "Which invocation")],
      options: connection + [output]),
    CommandDeclaration(
      "invocations result", "Print what an invocation came to, as a caller that waited would have got it",
      arguments: [CommandArgument("ID", "Which invocation")], options: connection + [output]),
    CommandDeclaration(
      "logs", "Print what a function has written",
      arguments: [CommandArgument("FUNCTION|ID", "A function, for its last invocations, or one invocation")],
      options: [
        CommandOption(
          "last", .value(placeholder: "N", .number(1...100)), "How many invocations of a function (default 10)")
      ] + connection + [output]),
  ]

  private static let kafka = CommandOption(
    "kafka", .value(placeholder: "HOST:PORT", .text),
    "The brokers, instead of MILLRACE_KAFKA_BOOTSTRAP_SERVERS and the context's")
  private static let losses = CommandOption(
    "allow-losses", .switchedOn, "Also make changes by which records are deleted that are kept now")

  private static let rest = [
    CommandDeclaration(
      "topics list", "List the topics that are needed, and whether they are there", options: [kafka, output]),
    CommandDeclaration(
      "topics diff", "Say in what the topics are not as declared; exit code 1 where they are not",
      options: [kafka, losses, output]),
    CommandDeclaration(
      "topics apply", "Make and repair topics; what would lose data is refused", options: [kafka, losses, output]),
    CommandDeclaration(
      "doctor", "Check what this machine offers, and say what to do",
      options: [
        kafka, CommandOption("data", .value(placeholder: "DIRECTORY", .directory), "Where the data would be"), output,
      ]),
    CommandDeclaration("version", "Print the version", options: [output]),
    CommandDeclaration(
      "completions", "Print a script that makes a shell complete command lines",
      arguments: [CommandArgument("SHELL", .choice(["bash", "zsh"]), "Which shell")],
      examples: [
        .init(
          "millrace completions bash > ~/.local/share/bash-completion/completions/millrace",
          "Complete in bash from now on")
      ]),
    CommandDeclaration(
      "reference", "Print this reference",
      arguments: [
        CommandArgument(
          "FORM", .choice(["markdown", "man", "settings"]), "Markdown, a man page, or the settings in Markdown")
      ]),
  ]
}
