internal import CommandTable
internal import EventLog
internal import EventLoop
internal import FoundationEssentials
internal import LogContracts
internal import Settings
internal import TopicAdministration

/// `topics list|diff|apply`.
struct TopicsCommand: Sendable {
  private let command: ParsedCommand
  private let console: Console
  private let environment: [String: String]
  private let loop: EventLoop

  init(_ command: ParsedCommand, _ console: Console, _ environment: [String: String], _ loop: EventLoop) {
    self.command = command
    self.console = console
    self.environment = environment
    self.loop = loop
  }

  /// The brokers: the option, the environment, the context.
  static func brokers(
    _ command: ParsedCommand, _ environment: [String: String]
  ) throws(CommandFailure) -> String? {
    if let said = command.value("kafka") ?? environment["MILLRACE_KAFKA_BOOTSTRAP_SERVERS"] { return said }
    return try CommandContext.read(from: environment)?.kafka
  }

  func run() async throws(CommandFailure) -> Int32 {
    guard let brokers = try Self.brokers(command, environment) else {
      throw CommandFailure(.unreachable, "no Kafka is known: say --kafka HOST:PORT or MILLRACE_KAFKA_BOOTSTRAP_SERVERS")
    }
    return try await LogBrokers(brokers, loop).use { admin in
      let administrator = TopicAdministrator(
        loop: loop, admin: admin, losses: command.has("allow-losses") ? .allowed : .refused)
      switch command.name {
      case "topics list": return try await list(administrator)
      case "topics diff": return try await diff(administrator)
      case _: return try await apply(administrator)
      }
    }
  }

  private func list(_ administrator: TopicAdministrator) async throws -> Int32 {
    let topics = try await administrator.list()
    if command.value("output") == "json" {
      print(
        json: topics.map { entry in
          Listed(
            name: entry.declaration.name, isThere: entry.topic != nil, partitions: entry.topic?.partitions,
            cleanup: entry.declaration.cleanup.rawValue, retentionMilliseconds: entry.declaration.retentionMilliseconds)
        })
      return 0
    }
    var table = TextTable(["TOPIC", "PARTITIONS", "COPIES", "CLEANUP", "STATE"])
    for (declaration, topic) in topics {
      table.add([
        declaration.name, topic.map { "\($0.partitions)" } ?? "", topic.map { "\($0.replicationFactor)" } ?? "",
        declaration.cleanup.rawValue, topic == nil ? "missing" : "there",
      ])
    }
    for line in table.lines(for: console.outputAudience) { console.print(line) }
    return 0
  }

  private func diff(_ administrator: TopicAdministrator) async throws -> Int32 {
    let differences = try await administrator.diff()
    show(differences)
    return differences.isEmpty ? 0 : CommandFailure.Code.refused.rawValue
  }

  private func apply(_ administrator: TopicAdministrator) async throws -> Int32 {
    let application = try await administrator.apply()
    show(application.done + application.refused)
    return application.refused.contains { $0.refusal?.kind != .needsReassignment }
      ? CommandFailure.Code.refused.rawValue : 0
  }

  private func show(_ differences: [TopicDifference]) {
    if command.value("output") == "json" {
      return print(
        json: differences.map { Difference(topic: $0.topic, explanation: $0.explanation, isRefused: $0.refusal != nil) }
      )
    }
    if differences.isEmpty { console.note("the topics are as declared") }
    for difference in differences {
      console.print(console.coloured("\(difference)", difference.refusal == nil ? .green : .red))
    }
  }

  private struct Listed: Encodable {
    let name: String
    let isThere: Bool
    let partitions: Int32?
    let cleanup: String
    let retentionMilliseconds: Int64?
  }

  private struct Difference: Encodable {
    let topic: String
    let explanation: String
    let isRefused: Bool
  }

  private func print(json value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    if let bytes = try? encoder.encode(value) { console.print(bytes: Array(bytes)) }
  }
}

/// An admin client of some brokers, for the length of a command.
struct LogBrokers: Sendable {
  private let brokers: String
  private let loop: EventLoop

  init(_ brokers: String, _ loop: EventLoop) {
    self.brokers = brokers
    self.loop = loop
  }

  /// How long brokers may take to answer at first.
  private static let patience: Duration = .seconds(10)

  /// Makes the client, sees that a broker answers, and frees the client afterwards.
  ///
  /// - Throws: ``CommandFailure``: `unreachable` where no broker answers.
  func use<Value: Sendable>(_ body: (LogAdmin) async throws -> Value) async throws(CommandFailure) -> Value {
    let admin: LogAdmin
    do throws(EventLogError) {
      admin = try LogAdmin(loop: loop, options: EventLogOptions(bootstrapServers: brokers, clientID: "millrace-cli"))
    } catch {
      throw CommandFailure(.usage, "\(brokers): \(error)")
    }
    var outcome: Swift.Result<Value, CommandFailure>
    do {
      _ = try await admin.brokerCount(within: Self.patience)
      outcome = .success(try await body(admin))
    } catch let error as EventLogError {
      let isAway = error.code == .unreachable || error.code == .timedOut
      outcome = .failure(
        isAway
          ? CommandFailure(
            .unreachable, "Kafka at \(brokers) does not answer; is it running, and is --kafka right? (\(error.message))"
          )
          : CommandFailure(.refused, "\(error)"))
    } catch {
      outcome = .failure(error as? CommandFailure ?? CommandFailure(.refused, "\(error)"))
    }
    await admin.close()
    return try outcome.get()
  }
}
