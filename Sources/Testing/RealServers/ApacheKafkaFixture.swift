internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// The official Apache Kafka for tests: one broker on loopback, in a temporary directory.
///
/// It can be killed and resumed with the same data. A guardian process stops it and removes its directory when the test
/// process ends, however that ends.
package final class ApacheKafkaFixture: RunningLog {
  /// Whether Apache Kafka is there. Tests that need it are `.enabled(if:)` this.
  package static let isAvailable = ApacheKafkaFixture.script != nil
  /// What a skipped test says.
  package static let absence =
    "Apache Kafka is neither at ../shared/apache-kafka/kafka nor where MILLRACE_APACHE_KAFKA points"

  /// The broker that the tests of this process share: for what neither kills nor fills it.
  package static func shared() async throws -> ApacheKafkaFixture { try await sharedStart.value }
  private static let sharedStart = Task { try await ApacheKafkaFixture.start() }

  /// The folder of Apache Kafka's Java archives, its clients among them.
  package static let libraries = script.map { "\($0.dropLast("kafka".count))libs" }

  /// Runs one of Apache Kafka's tools, which needs no broker: `dump` judges the files of a partition. Throws unless it ends with 0.
  package static func runTool(_ arguments: [String], outputPath: String) async throws {
    guard let script else { throw ShellRun.Failure(program: "kafka", status: ENOENT) }
    try await blocking.run { try ShellRun.run([script, "tool"] + arguments, outputPath: outputPath) }
  }

  private static let script = findScript()
  private static let blocking = try! BlockingPool(name: "kafka-fixture", threads: 2, queueLimit: 64)

  /// Where the broker's configuration, data and output are.
  package let directory: String
  /// The broker's address, `127.0.0.1:PORT`.
  package let bootstrapServers: String
  private let script: String
  /// Its end is what the guardian waits for: closed by ``stop()`` or by the end of the process.
  private let guardianPipe: Mutex<Int32?>

  /// Starts a broker of its own: for tests that kill it. Takes some seconds.
  ///
  /// - Parameter settings: of the broker, `name=value` each.
  package static func start(settings: [String] = []) async throws -> ApacheKafkaFixture {
    try await blocking.run { try ApacheKafkaFixture(settings) }
  }

  private init(_ settings: [String]) throws {
    script = ApacheKafkaFixture.script!
    var template = Array("/tmp/millrace-kafka-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw ShellRun.Failure(program: "mkdtemp", status: errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let port = FreePort.pick(andAbove: [100])
    bootstrapServers = "127.0.0.1:\(port)"
    guardianPipe = Mutex(try ApacheKafkaFixture.startGuardian(directory, script))
    try ShellRun.run(
      [script, "start", "\(directory)/cluster", "--port", String(port)] + settings.flatMap { ["--set", $0] },
      outputPath: log)
  }

  deinit { stop() }

  private var log: String { "\(directory)/fixture.log" }

  /// Ends the broker by SIGKILL. Answers when it is gone.
  package func kill() async throws {
    try await ApacheKafkaFixture.blocking.run { [self] in
      try ShellRun.run([script, "kill", "\(directory)/cluster"], outputPath: log)
    }
  }

  /// Starts the broker again after ``kill()``. Answers when it is ready.
  package func resume() async throws {
    try await ApacheKafkaFixture.blocking.run { [self] in
      try ShellRun.run([script, "resume", "\(directory)/cluster"], outputPath: log)
    }
  }

  /// Stops the broker and removes everything. Harmless when repeated.
  package func stop() {
    guardianPipe.withLock { pipe in
      if let descriptor = pipe { close(descriptor) }
      pipe = nil
    }
  }

  /// A shell whose input ends when this process does, or when the fixture is stopped.
  private static func startGuardian(_ directory: String, _ script: String) throws -> Int32 {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe2(&ends, Int32(O_CLOEXEC)) == 0 else { throw ShellRun.Failure(program: "pipe2", status: errno) }
    defer { close(ends[0]) }
    let commands = """
      trap '' INT TERM HUP; read _; "$2" kill "$1/cluster"; rm -rf "$1"
      """
    _ = try ShellRun.start(["sh", "-c", commands, "sh", directory, script], input: ends[0], outputPath: "/dev/null")
    return ends[1]
  }

  private static func findScript() -> String? {
    if let path = unsafe getenv("MILLRACE_APACHE_KAFKA") {
      let path = unsafe String(cString: path)
      return unsafe access(path, X_OK) == 0 ? path : nil
    }
    // Sources/Testing/RealServers/<this file>: four up is the project's root.
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let path = "/\(root)/../shared/apache-kafka/kafka"
    return unsafe access(path, X_OK) == 0 ? path : nil
  }
}
