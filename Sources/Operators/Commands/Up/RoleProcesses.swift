internal import FoundationEssentials
internal import Glibc
internal import Processes
internal import Settings

/// How `up` runs this very program as a role: `millrace serve --roles ROLE`, all settings in the environment, so that no
/// password stands on a command line.
struct RoleProcesses: Sendable {
  private let executable: String
  let environment: [String: String]

  init(
    program: ServerProgram, settings: ResolvedSettings, environment: [String: String], data: DataFolder,
    brokers: String, postgresURL: String, listen: HostAndPort
  ) {
    executable = RoleProcesses.executable()
    var result: [String: String] = [:]
    for name in ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "SWIFT_BACKTRACE", "MILLRACE_SANDBOX_LIBRARY"] {
      result[name] = environment[name]
    }
    for setting in program.settings.settings {
      guard let source = settings.source(setting.key), source != .standard else { continue }
      result[setting.variable] = settings.text(setting.key)
    }
    // Of these, `up` has made one value from all that was said.
    var own = [
      "data.directory": data.path, "kafka.bootstrap.servers": brokers, "postgres.url": postgresURL,
      "gateway.listen": listen.description,
    ]
    // These are below the data where nobody has said otherwise.
    for (key, value) in ["controller.socket": data.controllerSocket, "controller.directory": data.controller]
    where program.settings.settings.contains(where: { $0.key == key }) && settings.source(key) == nil {
      own[key] = value
    }
    for (key, value) in own {
      if let setting = program.settings.settings.first(where: { $0.key == key }) { result[setting.variable] = value }
    }
    self.environment = result
  }

  /// A role's process. It ends with `up`, however that ends.
  func specification(_ role: String) -> ProcessSpecification {
    ProcessSpecification(
      program: executable, arguments: ["serve", "--roles", role], environment: environment,
      parentDeath: .signals(SIGKILL))
  }

  /// The embedded broker's process: it ends with `up` as well, and has what it acknowledged on the disk.
  func specification(of broker: PrivateBroker) -> ProcessSpecification {
    ProcessSpecification(
      program: executable,
      arguments: [
        "broker", "--data", broker.directory, "--listen", broker.bootstrapServers, "--configs",
        broker.configs.joined(separator: ","),
      ], environment: environment, parentDeath: .signals(SIGKILL))
  }

  /// The path of this program's file.
  static func executable() -> String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/proc/self/exe"
  }

  /// What a person types to call this program: its name where the PATH finds it, its path otherwise.
  static func commandName(_ environment: [String: String]) -> String {
    let path = executable()
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return folders.contains(folder) ? "millrace" : path
  }
}
