internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// The official Apache Kafka for tests: one broker on loopback, in a temporary directory.
///
/// It can be killed and resumed with the same data. A guardian process stops it and removes its directory when the test
/// process ends, however that ends.
package final class ApacheKafkaFixture: Sendable {
  /// Whether Apache Kafka is there. Tests that need it are `.enabled(if:)` this.
  package static let isAvailable = ApacheKafkaFixture.script != nil
  /// What a skipped test says.
  package static let absence =
    "Apache Kafka is neither at ../shared/apache-kafka/kafka nor where MILLRACE_APACHE_KAFKA points"

  /// The broker that the tests of this process share: for what neither kills nor fills it.
  package static func shared() async throws -> ApacheKafkaFixture { try await sharedStart.value }
  private static let sharedStart = Task { try await ApacheKafkaFixture.start() }

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
  package static func start() async throws -> ApacheKafkaFixture {
    try await blocking.run { try ApacheKafkaFixture() }
  }

  private init() throws {
    script = ApacheKafkaFixture.script!
    var template = Array("/tmp/millrace-kafka-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw ShellRun.Failure(program: "mkdtemp", status: errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let port = ApacheKafkaFixture.freePort()
    bootstrapServers = "127.0.0.1:\(port)"
    guardianPipe = Mutex(try ApacheKafkaFixture.startGuardian(directory, script))
    try ShellRun.run([script, "start", "\(directory)/cluster", "--port", String(port)], outputPath: log)
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

  /// A port below the kernel's own range, free now, as is the one for the controller 100 above it.
  private static func freePort() -> UInt16 {
    while true {
      let port = UInt16.random(in: 10_000..<32_000)
      if isFree(port) && isFree(port + 100) { return port }
    }
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) }
    } == 0
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
