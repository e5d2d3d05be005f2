internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// The embedded broker for tests: the built `millrace broker` on loopback, in a temporary directory.
///
/// It can be killed and resumed with the same data. A guardian process stops it and removes its directory when the test
/// process ends, however that ends.
package final class BrokerFixture: RunningLog {
  /// Whether the program is there. Tests that need it are `.enabled(if:)` this.
  package static let isAvailable = unsafe access(program, X_OK) == 0
  /// What a skipped test says.
  package static let absence = "the program is not at \(program)"
  /// The program, built beside the tests, or where MILLRACE_PROGRAM points.
  package static let program = findProgram()

  /// The broker that the tests of this process share: for what neither kills nor fills it.
  package static func shared() async throws -> BrokerFixture { try await sharedStart.value }
  private static let sharedStart = Task { try await BrokerFixture.start() }

  private static let blocking = try! BlockingPool(name: "broker-fixture", threads: 2, queueLimit: 64)
  /// How long a broker may take until it answers.
  private static let readySeconds = 30

  /// Where `data` and the broker's output, `broker.log`, are.
  package let directory: String
  /// The broker's address, `127.0.0.1:PORT`.
  package let bootstrapServers: String
  private let port: UInt16
  private let words: [String]
  private let environment: Mutex<[String]>
  /// The broker, a child of this process; 0 while it does not run.
  private let process = Mutex<Int32>(0)
  /// Its end is what the guardian waits for: closed by ``stop()`` or by the end of the process.
  private let guardianPipe: Mutex<Int32?>

  /// Starts a broker of its own: for tests that kill it.
  ///
  /// - Parameters:
  ///   - settings: of the broker, `name=value` each, as Kafka names them.
  ///   - words: more words for the command line.
  ///   - environment: what is added to the environment, `NAME=VALUE` each, until ``setEnvironment(_:)``.
  package static func start(
    settings: [String] = [], words: [String] = [], environment: [String] = []
  ) async throws -> BrokerFixture {
    let configs = settings.isEmpty ? [] : ["--configs", settings.joined(separator: ",")]
    return try await blocking.run { try BrokerFixture(configs + words, environment) }
  }

  private init(_ words: [String], _ environment: [String]) throws {
    self.environment = Mutex(environment)
    var template = Array("/tmp/millrace-broker-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw ShellRun.Failure(program: "mkdtemp", status: errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    port = FreePort.pick()
    bootstrapServers = "127.0.0.1:\(port)"
    self.words = words
    guardianPipe = Mutex(try BrokerFixture.startGuardian(directory))
    try launch()
  }

  deinit { stop() }

  /// The broker's data.
  package var data: String { "\(directory)/data" }
  /// What the broker writes to standard output and standard error.
  package var log: String { "\(directory)/broker.log" }
  /// The broker, while it runs.
  package var processID: Int32? { process.withLock { $0 > 0 ? $0 : nil } }

  /// Ends the broker by SIGKILL. Answers when it is gone.
  package func kill() async throws { _ = try await end(SIGKILL) }

  /// Asks the broker to stop, by SIGTERM, and answers the status as `waitpid` does when it is gone.
  @discardableResult
  package func terminate() async throws -> Int32 { try await end(SIGTERM) }

  private func end(_ signal: Int32) async throws -> Int32 {
    try await BrokerFixture.blocking.run { [self] in
      process.withLock { processID in
        guard processID > 0 else { return 0 }
        _ = Glibc.kill(processID, signal)
        let status = ShellRun.wait(processID)
        processID = 0
        return status
      }
    }
  }

  /// Waits for the broker to end by itself, and answers the status as `waitpid` does.
  package func awaitEnd() async throws -> Int32 { try await end(0) }

  /// What is added to the environment from the next start on.
  package func setEnvironment(_ environment: [String]) { self.environment.withLock { $0 = environment } }

  /// Starts the broker again after ``kill()`` or ``terminate()``. Answers when it is ready.
  package func resume() async throws {
    try await BrokerFixture.blocking.run { [self] in try launch() }
  }

  /// Stops the broker; the guardian removes the directory. Harmless when repeated.
  package func stop() {
    process.withLock { processID in
      if processID > 0 {
        _ = Glibc.kill(processID, SIGKILL)
        ShellRun.wait(processID)
      }
      processID = 0
    }
    guardianPipe.withLock { pipe in
      if let descriptor = pipe { close(descriptor) }
      pipe = nil
    }
  }

  // MARK: the process

  private func launch() throws {
    try process.withLock { processID in
      precondition(processID == 0, "the broker runs already")
      // The guardian finds the broker by its own file, so that it stops whichever was started last.
      let commands = "echo $$ > \"$0/pid\"; exec \"$@\""
      processID = try ShellRun.start(
        [
          "sh", "-c", commands, directory, "env",
        ] + environment.withLock { $0 } + [
          BrokerFixture.program, "broker", "--data", data, "--listen",
          bootstrapServers,
        ]
          + words, input: nil, outputPath: log)
      try awaitReady(processID)
    }
  }

  /// Waits until the broker answers which versions it speaks.
  private func awaitReady(_ processID: Int32) throws {
    let deadline = LoopInstant.current() + .seconds(BrokerFixture.readySeconds)
    while LoopInstant.current() < deadline {
      if answers() { return }
      var status: Int32 = 0
      if unsafe waitpid(processID, &status, WNOHANG) == processID {
        throw ShellRun.Failure(program: "millrace broker (see \(log))", status: status)
      }
      var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
      unsafe nanosleep(&pause, nil)
    }
    throw ShellRun.Failure(program: "millrace broker does not answer (see \(log))", status: -1)
  }

  private func answers() -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = LoopbackAddress.of(port)
    let connection = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, LoopbackAddress.size)
      }
    }
    guard connection == 0 else { return false }
    // ApiVersions, version 0, from a client without a name.
    let request: [UInt8] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]
    let sent = unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
    guard sent == request.count else { return false }
    var answer: [UInt8] = [0]
    return unsafe recv(descriptor, &answer, 1, 0) == 1
  }

  /// A shell whose input ends when this process does, or when the fixture is stopped.
  private static func startGuardian(_ directory: String) throws -> Int32 {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe2(&ends, Int32(O_CLOEXEC)) == 0 else { throw ShellRun.Failure(program: "pipe2", status: errno) }
    defer { close(ends[0]) }
    let commands = """
      trap '' INT TERM HUP; read _
      pid=$(cat "$1/pid" 2> /dev/null)
      [ -n "$pid" ] && tr '\\0' ' ' < /proc/$pid/cmdline 2> /dev/null | grep -qF "$1/data" && kill -KILL $pid
      while [ -n "$pid" ] && grep -qs '^State:.[^ZX]' /proc/$pid/status; do sleep 0.05; done
      umount -l "$1/data" 2> /dev/null
      rm -rf "$1"
      """
    _ = try ShellRun.start(["sh", "-c", commands, "sh", directory], input: ends[0], outputPath: "/dev/null")
    return ends[1]
  }

  /// The tests run from the folder that they were built into, where the program is too.
  private static func findProgram() -> String {
    if let path = unsafe getenv("MILLRACE_PROGRAM") { return unsafe String(cString: path) }
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink("/proc/self/exe", &path, path.count)
    let tests = String(decoding: path.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let beside = tests.split(separator: "/").dropLast().joined(separator: "/") + "/millrace"
    if unsafe access("/\(beside)", X_OK) == 0 { return "/\(beside)" }
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return "/\(root)/.build/debug/millrace"
  }
}
