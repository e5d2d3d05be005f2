package import EventLog
internal import Glibc
package import MillraceDomain
package import PythonSandbox
package import Settings
internal import Telemetry

/// What an executor reads, where it writes, and how much it takes on.
package struct ExecutorOptions: Sendable {
  /// The log.
  package var log: EventLogOptions
  /// Who this is. It is the group's static member too: an executor that comes back in time keeps its partitions, and two
  /// of one id shut each other out.
  package var id: ComponentID
  /// Where unpacked code is kept, in a folder `code-cache` that is emptied at the start.
  package var codeDirectory: String
  /// The consumer group.
  package var group = "millrace.executors"
  /// Sandboxes at once.
  package var sandboxCapacity = 16
  /// Processors of this host that may be used.
  package var processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  /// Events given to one sandbox at once under a backlog, the running one included.
  package var pipeline = 8
  /// How long a sandbox without work is kept.
  package var idleTime: Duration = .seconds(600)
  /// How long the group waits for an executor that is silent.
  package var sessionTimeout: Duration = .seconds(10)
  /// How long a drain may take, for partitions that go and for the whole executor.
  package var drainTime = ExecutorLimits.drainTime
  /// Further interpreters, or folders that hold them.
  package var interpreterPaths: [String] = []
  /// How sandboxes are made.
  package var sandbox = SandboxOptions()
  /// The wall clock.
  package var now: @Sendable () -> Timestamp = { Timestamp(milliseconds: WallClock.milliseconds()) }

  /// Options with defaults for the rest.
  package init(id: ComponentID, log: EventLogOptions, codeDirectory: String) {
    self.id = id
    self.log = log
    self.codeDirectory = codeDirectory
  }

  /// The executor's settings.
  package static let settings: [Setting] = [
    Setting(
      "executor.directory", .text,
      "Directory for unpacked code, in its folder code-cache, emptied at the start; default: below the data directory"),
    Setting("executor.sandboxes", .integer(1...1000), default: "16", "Sandboxes at once"),
    Setting("executor.pipeline", .integer(1...64), default: "8", "Events given to one sandbox at once under a backlog"),
    Setting("executor.idle", .duration, default: "10m", "How long a sandbox without work is kept"),
    Setting("executor.session", .duration, default: "10s", "How long the others wait for an executor that is silent"),
  ]

  /// Options from settings.
  ///
  /// - Throws: `SettingsError` where no directory is named.
  package init(_ settings: ResolvedSettings, log: EventLogOptions, id: ComponentID) throws {
    let data = settings.text("data.directory")
    let directory =
      try settings.text("executor.directory") ?? data.map { "\($0)/executor/code" }
      ?? settings.required("executor.directory")
    self.init(id: id, log: log, codeDirectory: directory)
    sandboxCapacity = settings.integer("executor.sandboxes")
    pipeline = settings.integer("executor.pipeline")
    idleTime = settings.duration("executor.idle")
    sessionTimeout = settings.duration("executor.session")
    interpreterPaths = settings.list("python.paths")
  }
}
