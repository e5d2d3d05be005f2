import EventLoop
import FoundationEssentials
import Glibc
import Processes
import RealServers
import SimulationKit
import Testing

/// A whole Millrace as a user starts it: the real binary's `millrace up` in a temporary directory, on the log it brings with
/// it or on Apache Kafka.
final class PlatformUnderTest: Sendable {
  /// The binary and the library are built beside the tests.
  static let binary = "\(ProjectFolder.path)/.build/debug/millrace"
  static let isPossible = geteuid() == 0
  static let absence = "needs root"

  /// The log under a platform.
  enum Log: String, CaseIterable, CustomTestStringConvertible {
    case embedded = "the embedded broker"
    case apacheKafka = "Apache Kafka"
    var testDescription: String { rawValue }
  }

  /// The logs that every story is told on. Without Apache Kafka it is the embedded broker alone.
  static let logs: [Log] = ApacheKafkaFixture.isAvailable ? Log.allCases : [.embedded]

  /// The platform that the stories on one log share.
  static func shared(_ log: Log) async throws -> PlatformUnderTest {
    switch log {
    case .embedded: try await sharedOnEmbedded.value
    case .apacheKafka: try await sharedOnApacheKafka.value
    }
  }
  private static let sharedOnEmbedded = Task { try await started(.embedded) }
  private static let sharedOnApacheKafka = Task { try await started(.apacheKafka) }

  private static func started(_ log: Log) async throws -> PlatformUnderTest {
    let platform = try await PlatformUnderTest(log)
    try await platform.start()
    return platform
  }

  let loop: EventLoop
  /// Nil on the embedded broker, which is a part of `up`.
  private let kafka: ApacheKafkaFixture?
  let directory: String
  let port: UInt16
  private let up: Supervised

  var data: String { "\(directory)/data" }
  var environment: [String: String] {
    [
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": directory,
      "MILLRACE_CONTEXT": "\(directory)/context.json",
    ]
  }

  /// A platform of its own, not started.
  init(_ log: Log) async throws {
    switch log {
    case .embedded: kafka = nil
    case .apacheKafka: kafka = try await ApacheKafkaFixture.start()
    }
    loop = try LoopThread.startLoop(name: "stories")
    directory = "/tmp/millrace-stories-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // Below the kernel's own range, so that no outgoing connection takes it meanwhile.
    port = UInt16.random(in: 10_000..<32_000)
    up = Supervised(loop)
  }

  /// Starts `millrace up` and waits until `/readyz` says 200, which its own output announces.
  func start() async throws {
    try await begin()
    try await awaitReady()
  }

  /// Starts `millrace up`, with further words on its command line.
  func begin(_ words: [String] = []) async throws {
    let log = try logDescriptor()
    try await up.start(
      ProcessSpecification(
        program: Self.binary,
        arguments: ["up", "--data", data, "--listen", "127.0.0.1:\(port)"] + logWords + words,
        environment: environment, descriptors: [.null, log, log],
        session: .own, parentDeath: .signals(SIGTERM)))
  }

  /// What says on a command line which log is meant.
  var logWords: [String] {
    if let kafka { ["--kafka", kafka.bootstrapServers] } else { ["--broker-listen", "127.0.0.1:0"] }
  }

  /// The log's address, for any Kafka client.
  var bootstrapServers: String { text("\(data)/kafka.bootstrap") }

  private func logDescriptor() throws -> ProcessSpecification.Descriptor {
    let descriptor = open("\(directory)/up.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoryFailure("cannot write \(directory)/up.log") }
    return .parent(descriptor)
  }

  func awaitReady() async throws {
    try await wait("ready") {
      if try await self.millrace(["functions", "list"]).exitCode != 0 { return false }
      return try await self.isReady()
    }
  }

  /// Waits until something is so, while `millrace up` runs.
  func wait(_ what: String, until isSo: () async throws -> Bool) async throws {
    let deadline = LoopInstant.current() + .seconds(90)
    while LoopInstant.current() < deadline {
      if let ended = await up.ended() { throw StoryFailure("millrace up ended (\(ended)): \(upLog)") }
      if try await isSo() { return }
      try await loop.sleep(for: .milliseconds(100))
    }
    throw StoryFailure("not \(what) after 90 s: \(upLog)")
  }

  private func isReady() async throws -> Bool { try await http("GET", "/readyz").status == 200 }

  var upLog: String {
    let bytes = FileManager.default.contents(atPath: "\(directory)/up.log") ?? Data()
    return String(String(decoding: bytes, as: UTF8.self).suffix(4000))
  }

  var administratorToken: String {
    let bytes = FileManager.default.contents(atPath: "\(data)/admin.token") ?? Data()
    return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
  }

  func text(_ file: String) -> String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self).filter { $0 != "\n" }
  }

  // MARK: what a user does

  /// Runs a command of `millrace` in the test's directory.
  func millrace(_ arguments: [String], input: String = "") async throws -> CommandRun {
    try await CommandRun.run(
      Self.binary, arguments, environment: environment, directory: directory, input: input, on: loop)
  }

  /// Runs any other program there.
  func run(_ program: String, _ arguments: [String], input: String = "") async throws -> CommandRun {
    try await CommandRun.run(program, arguments, environment: environment, directory: directory, input: input, on: loop)
  }

  /// Rows of a query, through `psql` and the URL that `up` left for users.
  func rows(_ statement: String) async throws -> [[String]] {
    let url = text("\(data)/postgres.url")
    let run = try await run("psql", [url, "-X", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", statement])
    guard run.exitCode == 0 else { throw StoryFailure("psql: \(run.errorOutput)") }
    return run.output.split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Writes and deploys a function.
  func deploy(_ name: String, _ source: String, settings: String = "") async throws -> CommandRun {
    let folder = "\(directory)/\(name)"
    _ = try await millrace(["init", name])
    try Data(source.utf8).write(to: URL(filePath: "\(folder)/app.py"))
    if !settings.isEmpty {
      let yaml = text(raw: "\(folder)/millrace.yaml")
      let kept = yaml.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
        !settings.split(separator: "\n").contains { line.hasPrefix($0.prefix { $0 != ":" }) }
      }
      try Data((kept.joined(separator: "\n") + "\n" + settings + "\n").utf8).write(
        to: URL(filePath: "\(folder)/millrace.yaml"))
    }
    return try await millrace(["deploy", name])
  }

  private func text(raw file: String) -> String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
  }

  // MARK: faults

  /// SIGKILL of `up` and all its children, PostgreSQL included.
  func killEverything() async throws {
    let postgres = text(raw: "\(data)/postgres/postmaster.pid").split(separator: "\n").first.flatMap { Int32($0) }
    await up.kill()
    if let postgres { kill(postgres, SIGKILL) }
  }

  func stop() async {
    await up.stop()
    kafka?.stop()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// What went wrong around a story.
struct StoryFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
