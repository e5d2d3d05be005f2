internal import Catalogue
internal import ControlWire
internal import ControllerClient
internal import EventLog
internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import HTTPClient
internal import MillraceDomain
internal import Postgres
internal import Processes
internal import Security
internal import Settings
internal import Telemetry
internal import TopicAdministration

/// `up`: everything on this machine. Confined to its loop, which makes it Sendable.
final class UpCommand: @unchecked Sendable {
  private let settings: ResolvedSettings
  private let program: ServerProgram
  private let console: Console
  private let environment: [String: String]
  private let loop: EventLoop
  private var supervisor: Supervisor?
  private var signals: SignalWatch?
  private var wasStopped = false
  /// Why the platform cannot be used although every part runs, where that is so.
  private var startFailure: String?
  /// Why the database could not be made, where that is so.
  private var databaseFailure: CommandFailure?

  init(
    settings: ResolvedSettings, program: ServerProgram, console: Console, environment: [String: String], loop: EventLoop
  ) {
    self.settings = settings
    self.program = program
    self.console = console
    self.environment = environment
    self.loop = loop
  }

  /// Runs until SIGTERM or SIGINT have drained everything, or the start failed.
  func run() async throws(CommandFailure) -> Int32 {
    do throws(EventLoopError) {
      signals = try SignalWatch([SIGTERM, SIGINT], on: loop) { [self] _ in stop() }
    } catch {
      throw CommandFailure(.refused, "\(error)")
    }
    defer { signals?.close() }
    let data = try DataFolder(settings.text("data.directory") ?? DataFolder.standardPath(environment))
    let listen = try address("gateway.listen")
    let brokers: String
    var broker: PrivateBroker?
    if let given = settings.text("kafka.bootstrap.servers") {
      brokers = given
      // A Kafka of the user's is looked at before anything runs: what is wrong there is told at once.
      try await applyTopics(brokers)
    } else {
      let own = PrivateBroker(
        data, try address("broker.listen"), configs: settings.list("broker.configs"), loop: loop)
      brokers = own.bootstrapServers
      broker = own
    }
    if let given = settings.text("postgres.url") { try await lookAfterDatabase(given) }
    let postgres = try privatePostgres(data)
    let url =
      if let given = settings.text("postgres.url") { given } else { try postgres?.url(database: "millrace") ?? "" }
    try PrivateFile.write(Array((url + "\n").utf8), to: data.postgresURL)
    try PrivateFile.write(Array((brokers + "\n").utf8), to: data.kafkaBootstrap, mode: 0o644)
    let token = try administratorToken(data)
    // Before anything runs: whoever sees the gateway answer finds the context.
    writeContext(CommandContext(url: Self.url(of: listen), token: token, kafka: brokers))
    if wasStopped { return 0 }
    let roles = RoleProcesses(
      program: program, settings: settings, environment: environment, data: data, brokers: brokers, postgresURL: url,
      listen: listen)
    let supervisor = try makeSupervisor(data, broker, postgres, roles)
    self.supervisor = supervisor
    supervisor.begin()
    let start = Start(data: data, broker: broker, postgres: postgres, token: token, listen: listen)
    let watcher = loop.spawn { [self] in await watch(start, supervisor) }
    let outcome = await supervisor.finished()
    watcher.cancel()
    return try end(outcome, supervisor, data)
  }

  private func stop() {
    if let supervisor {
      if !supervisor.isEnding { console.note("draining; once more ends everything at once") }
      supervisor.stop()
    } else if wasStopped {
      exit(1)
    } else {
      wasStopped = true
    }
  }

  private func end(
    _ outcome: SupervisorRules.Outcome, _ supervisor: Supervisor, _ data: DataFolder
  ) throws(CommandFailure) -> Int32 {
    if let databaseFailure { throw databaseFailure }
    if let startFailure {
      console.note(startFailure)
      return 1
    }
    switch outcome {
    case .drained: return 0
    case .killed:
      console.note("something did not drain in time and was ended; nothing accepted is lost")
      return 1
    case .gaveUp(let part):
      console.note("\(part) does not start; the last lines of \(data.log(of: part)):")
      for line in supervisor.lastLines(of: part) { console.note("  \(line)") }
      return 1
    }
  }

  // MARK: before the start

  /// Port 0 is chosen here: every role is told, and what is restarted listens where the first did.
  private func address(_ key: String) throws(CommandFailure) -> HostAndPort {
    guard let listen = settings.address(key) else { preconditionFailure("\(key) has a default") }
    guard listen.port == 0 else { return listen }
    guard let port = FreePort.choose() else { throw CommandFailure(.refused, "no port is free") }
    return HostAndPort(host: listen.host, port: port)
  }

  private func applyTopics(_ brokers: String) async throws(CommandFailure) {
    console.progress("looking after the topics on \(brokers)")
    defer { console.endProgress() }
    let loop = loop
    let application = try await LogBrokers(brokers, loop).use {
      try await TopicAdministrator(loop: loop, admin: $0).apply()
    }
    for difference in application.refused { console.note("topics: \(difference)") }
    guard application.forbidding.isEmpty else {
      throw CommandFailure(.refused, "the topics on \(brokers) cannot be used as they are; see above")
    }
  }

  /// Says where the user's own database does not answer. Everything starts all the same, and works once it does; only an
  /// address that cannot become right by waiting is refused.
  private func lookAfterDatabase(_ url: String) async throws(CommandFailure) {
    let options = PostgresOptions(url: url, applicationName: "millrace-up", connectTimeout: Self.databasePatience)
    do throws(PostgresError) {
      try await PostgresConnection.connect(options, on: loop).close()
    } catch {
      guard error.isRetriable else {
        throw CommandFailure(
          .refused, "--postgres: \(error.message)\(error.details.isEmpty ? "" : ": \(Self.line(error.details))")")
      }
      console.note(
        "the database of --postgres does not answer yet (\(Self.line(error.details))); everything starts, and is ready once"
          + " it does")
    }
  }

  private static func line(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }

  private func privatePostgres(_ data: DataFolder) throws(CommandFailure) -> PrivatePostgres? {
    guard settings.text("postgres.url") == nil else { return nil }
    let postgres = try PrivatePostgres(data, loop: loop)
    try postgres.preparePassword()
    return postgres
  }

  /// The first administrator's token: `mr_`, its id, `_`, its secret. Made once; the controller is told of it at each start,
  /// which changes nothing where it knows it.
  private func administratorToken(_ data: DataFolder) throws(CommandFailure) -> String {
    if let token = DataFolder.text(data.administratorToken), TokenRegistration.id(of: token) != nil { return token }
    var generator = SecureRandom()
    let id = TokenID(at: Timestamp(milliseconds: WallClock.milliseconds()), using: &generator)
    let token = "mr_\(id)_\(Base64URL.encode(SecureRandom.bytes(32)))"
    try PrivateFile.write(Array((token + "\n").utf8), to: data.administratorToken)
    return token
  }

  private func writeContext(_ context: CommandContext) {
    do throws(CommandFailure) {
      try context.write(to: CommandContext.path(in: environment))
    } catch {
      console.note("commands will need --url and --token-file: \(error)")
    }
  }

  private func makeSupervisor(
    _ data: DataFolder, _ broker: PrivateBroker?, _ postgres: PrivatePostgres?, _ roles: RoleProcesses
  ) throws(CommandFailure) -> Supervisor {
    let console = console
    var parts: [Supervisor.Part] = []
    func log(_ name: String) throws(CommandFailure) -> PartLog {
      try PartLog(data.log(of: name), on: loop) { console.note(PartLog.shown($0, of: name)) }
    }
    func add(
      _ name: String, after prerequisites: Set<String>, drainSignal: Int32 = SIGTERM,
      _ specification: @escaping () -> ProcessSpecification
    ) throws(CommandFailure) {
      parts.append(
        Supervisor.Part(
          name: name, prerequisites: prerequisites, specification: specification, drainSignal: drainSignal,
          log: try log(name)))
    }
    var ready: Set<String> = []
    if let broker {
      try add(PrivateBroker.name, after: []) { roles.specification(of: broker) }
      ready.insert(PrivateBroker.name)
    }
    if let postgres {
      try add(Self.postgres, after: [Self.cluster], drainSignal: SIGINT) { postgres.specification() }
    }
    for role in program.roles {
      // These two begin with the database; the others do not know it.
      let usesDatabase = postgres != nil && ["recorder", "gateway"].contains(role)
      try add(role, after: usesDatabase ? ready.union([Self.postgres]) : ready) { roles.specification(role) }
    }
    return Supervisor(parts, drain: settings.duration("role.drain") + .seconds(10), on: loop) { console.note($0) }
  }

  // MARK: the start

  /// How long a database may take to answer before that is told.
  private static let databasePatience: Duration = .seconds(5)
  /// How often readiness is looked at.
  private static let probeInterval: Duration = .milliseconds(20)
  /// The part that is the database, and what it waits for: its cluster.
  private static let postgres = "postgres"
  private static let cluster = "cluster"

  /// What the start is watched by.
  private struct Start: Sendable {
    let data: DataFolder
    let broker: PrivateBroker?
    let postgres: PrivatePostgres?
    let token: String
    let listen: HostAndPort
  }

  private func watch(_ start: Start, _ supervisor: Supervisor) async {
    async let database = startDatabase(start.postgres, supervisor)
    if let broker = start.broker {
      guard await wait(supervisor, "the broker", until: { await broker.probe() }) else { return }
      do throws(CommandFailure) {
        try await applyTopics(broker.bootstrapServers)
      } catch {
        startFailure = "\(error)"
        return supervisor.stop()
      }
      supervisor.markReady(PrivateBroker.name)
    }
    guard await waitForController(start, supervisor), await database else { return }
    let url = Self.url(of: start.listen)
    guard await waitForGateway(supervisor, url) else { return }
    supervisor.markPlatformReady()
    announce(url, start.data)
  }

  /// Makes the private database, beside all that can start without it.
  private func startDatabase(_ postgres: PrivatePostgres?, _ supervisor: Supervisor) async -> Bool {
    guard let postgres else { return true }
    do throws(CommandFailure) {
      try await postgres.prepare()
    } catch {
      databaseFailure = error
      supervisor.stop()
      return false
    }
    supervisor.markReady(Self.cluster)
    guard await wait(supervisor, "PostgreSQL", until: { await postgres.probe() }) else { return false }
    supervisor.markReady(Self.postgres)
    return true
  }

  private func waitForController(_ start: Start, _ supervisor: Supervisor) async -> Bool {
    guard program.roles.contains("controller") else { return true }
    let client = ControllerClient(
      loop: loop, address: .unix(path: settings.text("controller.socket") ?? start.data.controllerSocket),
      clusterToken: settings.text("controller.token"))
    defer { client.close() }
    guard await wait(supervisor, "the controller", until: { (try? await client.status()) != nil }) else { return false }
    supervisor.markReady("controller")
    return await registerToken(start.token, client, supervisor, start.data)
  }

  private func registerToken(
    _ token: String, _ client: ControllerClient, _ supervisor: Supervisor, _ data: DataFolder
  ) async -> Bool {
    guard let registration = TokenRegistration(token) else { preconditionFailure("what is no token is made anew") }
    let outcome = await registration.run(
      note: { console.note($0) },
      pause: {
        do { try await loop.sleep(for: Self.probeInterval) } catch { return .ending }
        return supervisor.isEnding || Task.isCancelled ? .ending : .over
      }, perform: { try await client.perform($0).answer })
    switch outcome {
    case .registered: return true
    case .givenUp: return false
    case .refused(let reason):
      startFailure =
        "the controller does not take the administrator's token (\(reason)); remove \(data.administratorToken), and the"
        + " next start makes another"
      supervisor.stop()
      return false
    }
  }

  /// Where this machine reaches what listens there.
  private static func url(of listen: HostAndPort) -> String {
    let isEverywhere = listen.host == "0.0.0.0" || listen.host == "::"
    return "http://\(HostAndPort(host: isEverywhere ? "127.0.0.1" : listen.host, port: listen.port))"
  }

  /// Waits until `/readyz` says that an invocation would run; says what it still lacks whenever that changes.
  private func waitForGateway(_ supervisor: Supervisor, _ url: String) async -> Bool {
    let requester = HTTPRequester(loop: loop)
    defer { requester.close() }
    var lacked = ""
    return await wait(supervisor, "the gateway") {
      let request = OutgoingRequest("GET", url + "/readyz", timeout: .seconds(5))
      guard let answer = try? await requester.send(request) else { return false }
      if answer.status == 200 { return true }
      let lacks = Self.lacking(answer.body)
      if lacks != lacked, !lacks.isEmpty { console.note("not ready yet: \(lacks)") }
      lacked = lacks
      return false
    }
  }

  /// What `/readyz` says is not so: the names of its members that are false, but for `ready` itself.
  static func lacking(_ body: [UInt8]) -> String {
    guard case .object(let members)? = JSONValue(body) else { return "" }
    return members.filter { $0.value == .boolean(false) && $0.key != "ready" }.keys.sorted().joined(separator: ", ")
  }

  private func wait(_ supervisor: Supervisor, _ what: String, until isReady: () async -> Bool) async -> Bool {
    console.progress("waiting for \(what)")
    if console.errorAudience == .program { console.note("waiting for \(what)") }
    defer { console.endProgress() }
    while !supervisor.isEnding, !Task.isCancelled {
      if await isReady() { return true }
      do { try await loop.sleep(for: Self.probeInterval) } catch { return false }
    }
    return false
  }

  private func announce(_ url: String, _ data: DataFolder) {
    console.print("Millrace is ready at \(url)")
    console.print("  token    \(data.administratorToken)")
    console.print("  data     \(data.path)")
    console.print("Try:")
    let name = RoleProcesses.commandName(environment)
    console.print(
      "  \(name) init hello && \(name) deploy hello && \(name) invoke hello --event '{\"name\":\"world\"}'")
  }
}
