import Builder
import Commands
import Controller
import ControllerClient
import EmbeddedBroker
import EventLog
import EventLoop
import Executor
import Gateway
import Lifecycle
import Postgres
import Recorder
import Settings
import Telemetry

/// The only place that names concrete stages: what roles there are, their settings, and how each is made.
enum Roles {
  /// The program's roles, in the order in which they are started.
  static let program = ServerProgram(
    roles: ["controller", "recorder", "builder", "executor", "gateway"],
    settings: GatewayOptions.settings + ControllerOptions.settings + ExecutorOptions.settings,
    brokerSettings: BrokerOptions.settings,
    serveBroker: { settings, loop in
      OpenFileLimit.raise()
      return try await run([BrokerStage(loop: loop, options: try BrokerOptions(settings))], settings, loop)
    },
    serve: { roles, settings, loop in try await serve(roles, settings, loop) })

  private static func serve(_ roles: [String], _ settings: ResolvedSettings, _ loop: EventLoop) async throws -> Int32 {
    let services = try program.roles.filter(roles.contains).map { try service($0, settings, loop) }
    return try await run(services, settings, loop)
  }

  private static func run(
    _ services: [any Service], _ settings: ResolvedSettings, _ loop: EventLoop
  ) async throws -> Int32 {
    let group = ServiceGroup(loop: loop, services: services, drainTime: settings.duration("role.drain"))
    switch try await group.run() {
    case .drained: return 0
    case .failed: return 1
    }
  }

  private static func service(
    _ role: String, _ settings: ResolvedSettings, _ loop: EventLoop
  ) throws -> any Service {
    let log = try logOptions(role, settings)
    switch role {
    case "controller": return ControllerStage(loop: loop, options: try ControllerOptions(settings, log: log))
    case "recorder":
      let database = PostgresOptions(url: try settings.required("postgres.url"), applicationName: "millrace-recorder")
      let id = ComponentNames.id("recorder", settings)
      return RecorderStage(RecorderOptions(id: id, log: log, database: database), on: loop)
    case "builder":
      let instance = ComponentNames.stable("builder", settings)
      return BuilderStage(loop: loop, options: try BuilderOptions(settings, log: log, instanceID: instance))
    case "executor":
      let options = try ExecutorOptions(settings, log: log, id: ComponentNames.id("executor", settings))
      return ExecutorStage(options, on: loop)
    case "gateway":
      let options = try GatewayOptions(
        settings, log: log, controller: try controllerAddress(settings), clusterToken: settings.text("controller.token")
      )
      return GatewayStage(loop: loop, options: options)
    case _: preconditionFailure("\(role) is named and not made")
    }
  }

  private static func controllerAddress(_ settings: ResolvedSettings) throws -> ControllerClient.Address {
    if let path = settings.text("controller.socket") { return .unix(path: path) }
    guard let address = settings.address("controller.address") else {
      throw SettingsError(.missing, "say where the controller is: --controller-socket or --controller-address")
    }
    return .tcp(host: address.host, port: address.port)
  }

  private static func logOptions(_ role: String, _ settings: ResolvedSettings) throws -> EventLogOptions {
    let logger = Logger(label: "kafka")
    var options = EventLogOptions(
      bootstrapServers: try settings.required("kafka.bootstrap.servers"), clientID: "millrace-\(role)")
    options.logged = { level, text in
      // Syslog's levels: 0 to 3 are errors, 4 warnings, 5 and 6 notices.
      logger.log(level <= 3 ? .warning : .debug, "the log client says", [("kafka.text", text)])
    }
    return options
  }
}
