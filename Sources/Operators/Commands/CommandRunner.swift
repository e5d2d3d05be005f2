internal import CommandTable
package import EventLoop
internal import FoundationEssentials
internal import Settings
internal import Telemetry
internal import YAML

/// Runs a command line.
package struct CommandRunner: Sendable {
  private let words: [String]
  private let environment: [String: String]
  private let console: Console
  private let program: ServerProgram
  private let table: CommandTable

  /// A command line, without the program's own name.
  package init(
    _ words: [String], environment: [String: String], console: Console, program: ServerProgram
  ) {
    self.words = words
    self.environment = environment
    self.console = console
    self.program = program
    table = MillraceCommands.table(
      settings: program.settings, roles: program.roles, brokerSettings: program.brokerSettings)
  }

  /// Whether the command runs until it is told to stop, and so looks after SIGTERM and SIGINT itself.
  package var staysUntilStopped: Bool { ["up", "serve", "broker"].contains(words.first) }

  /// Runs it; the exit code. On the loop.
  package func run(on loop: EventLoop) async -> Int32 {
    do throws(CommandFailure) {
      switch try request() {
      case .help(let text):
        console.print(bytes: Array(text.utf8))
        return 0
      case .run(let command): return try await perform(command, loop)
      }
    } catch {
      return report(error)
    }
  }

  private func request() throws(CommandFailure) -> CommandRequest {
    do throws(UsageError) { return try table.parse(words) } catch { throw CommandFailure(error) }
  }

  private func report(_ failure: CommandFailure) -> Int32 {
    console.note("\(console.noteColoured("millrace:", .red)) \(failure.message)")
    return failure.code.rawValue
  }

  private func perform(_ command: ParsedCommand, _ loop: EventLoop) async throws(CommandFailure) -> Int32 {
    switch command.name {
    case "up":
      return try await UpCommand(
        settings: settings(command), program: program, console: console, environment: environment, loop: loop
      ).run()
    case "serve": return try await serve(command, loop)
    case "broker": return try await serveBroker(command, loop)
    case "init": return try InitCommand.run(command.required("NAME"), console)
    case "doctor": return try await DoctorCommand(command, console, environment, loop).run()
    case "topics list", "topics diff", "topics apply":
      return try await TopicsCommand(command, console, environment, loop).run()
    case "version": return printVersion(command)
    case "completions":
      console.print(
        bytes: Array(
          (command.required("SHELL") == "zsh" ? table.zshCompletions() : table.bashCompletions()).utf8))
      return 0
    case "reference": return printReference(command.required("FORM"))
    case _: return try await askGateway(command, loop)
    }
  }

  private func askGateway(_ command: ParsedCommand, _ loop: EventLoop) async throws(CommandFailure) -> Int32 {
    let gateway = try GatewayClient(command, environment: environment, loop: loop)
    defer { gateway.close() }
    let client = ClientCommand(
      command: command, gateway: gateway, console: console, loop: loop, environment: environment)
    switch command.name {
    case "deploy": return try await client.deploy()
    case "invoke": return try await client.invoke()
    case "functions list": return try await client.listFunctions()
    case "functions show": return try await client.showFunction()
    case "functions delete": return try await client.deleteFunction()
    case "invocations list": return try await client.listInvocations()
    case "invocations show": return try await client.showInvocation()
    case "invocations result": return try await client.showResult()
    case "logs": return try await client.logs()
    case _: preconditionFailure("\(command.name) is declared and not implemented")
    }
  }

  private func printVersion(_ command: ParsedCommand) -> Int32 {
    let version = MillraceVersion.current
    console.print(command.value("output") == "json" ? #"{"version": "\#(version)"}"# : "millrace \(version)")
    return 0
  }

  private func printReference(_ form: String) -> Int32 {
    let text =
      switch form {
      case "man": table.manPage()
      case "settings": MillraceSettings.referencePage(program.settings)
      case _: table.referencePage()
      }
    console.print(bytes: Array(text.utf8))
    return 0
  }

  // MARK: settings

  private func serve(_ command: ParsedCommand, _ loop: EventLoop) async throws(CommandFailure) -> Int32 {
    let roles = SettingValues.list(command.value("roles") ?? "")
    guard !roles.isEmpty else {
      throw CommandFailure(.usage, "say which roles: --roles \(program.roles.joined(separator: ","))")
    }
    for role in roles where !program.roles.contains(role) {
      throw CommandFailure(.usage, "there is no role \(role)\(NearestName.hint(for: role, in: program.roles))")
    }
    let settings = try settings(command)
    do {
      return try await program.serve(roles, settings, loop)
    } catch {
      throw CommandFailure(.refused, "\(roles.joined(separator: ",")): \(error)")
    }
  }

  private func serveBroker(_ command: ParsedCommand, _ loop: EventLoop) async throws(CommandFailure) -> Int32 {
    let settings = try settings(command, flag: BrokerCommand.flag)
    guard settings.text("broker.directory") != nil else {
      throw CommandFailure(.usage, "say where the log is kept: --data DIRECTORY (or MILLRACE_BROKER_DIRECTORY)")
    }
    do { return try await program.serveBroker(settings, loop) } catch {
      throw CommandFailure(.refused, "broker: \(error)")
    }
  }

  /// - Parameter flag: the flag of the setting that an option of the command stands for.
  private func settings(
    _ command: ParsedCommand, flag: (String) -> String = { $0 }
  ) throws(CommandFailure) -> ResolvedSettings {
    let flags = command.options.filter { $0.name != "roles" && $0.name != "settings" }.map {
      (name: flag($0.name), value: $0.value)
    }
    let path = command.value("settings") ?? environment["MILLRACE_SETTINGS"]
    do {
      let resolved = try program.settings.resolve(
        flags: flags, environment: environment, file: path.map { try document($0) })
      if let level = resolved.text("log.level").flatMap({ LogLevel(name: $0) }) {
        LogOutput.standard.setThreshold(level)
      }
      return resolved
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure(.usage, "\(path.map { "\($0): " } ?? "")\(error)")
    }
  }

  private func document(_ path: String) throws -> YAMLValue {
    guard let bytes = FileManager.default.contents(atPath: path) else { throw PrivateFile.failure("cannot read", path) }
    return try YAMLReader.read(String(decoding: bytes, as: UTF8.self))
  }
}

/// The program's version.
package enum MillraceVersion {
  /// As in the changelog.
  package static let current = "0.1.0"
}
