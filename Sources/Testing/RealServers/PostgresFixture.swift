internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// A private PostgreSQL cluster for tests: in a temporary directory, on a Unix socket only, syncing to disk as in production.
///
/// It is started from the installed binaries, as an unprivileged user where the tests run as root. It can be killed and
/// restarted. A guardian process stops it and removes its directory when the test process ends, however that ends.
package final class PostgresFixture: Sendable {
  /// Whether PostgreSQL is installed. Tests that need it are `.enabled(if:)` this.
  package static let isAvailable = PostgresFixture.binaries != nil

  /// The cluster that the tests of this process share: for what neither stops nor fills the server.
  package static func shared() async throws -> PostgresFixture { try await sharedStart.value }
  private static let sharedStart = Task { try await PostgresFixture.start() }

  private static let binaries = findBinaries()
  private static let pool = Swift.Result { try BlockingPool(name: "fixture", threads: 2, queueLimit: 64) }

  /// Where the cluster, its socket and `server.log` are.
  package let directory: String
  private let binaries: String
  private let user: String
  private let databaseCount = Atomic<Int>(0)
  /// The server, a child of this process: whoever does not reap it keeps it, as a zombie, from being started again.
  private let server = Mutex<Int32>(0)
  /// Its end is what the guardian waits for: closed by ``stop()`` or by the end of the process.
  private let guardianPipe: Mutex<Int32?>

  /// Starts a cluster of its own: for tests that kill the server.
  package static func start() async throws -> PostgresFixture {
    try await pool.get().run { try PostgresFixture() }
  }

  private init() throws {
    binaries = PostgresFixture.binaries!
    user = PostgresFixture.unprivilegedUser()
    var template = Array(("/tmp/millrace-postgres-" + String(repeating: "X", count: 6)).utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw ShellRun.Failure(program: "mkdtemp", status: errno) }
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guardianPipe = Mutex(try PostgresFixture.startGuardian(directory))
    try ShellRun.run(["chown", user, directory])
    try run(
      "initdb", "--pgdata", data, "--username=millrace", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    try startServer()
  }

  deinit { stop() }

  private var data: String { "\(directory)/data" }

  // MARK: use

  /// The address of a database.
  package func url(database: String = "postgres") -> String {
    "postgres:///\(database)?host=\(directory)&user=millrace"
  }

  /// Makes an empty database and answers its address.
  package func createDatabase() async throws -> String {
    let name = "test_\(databaseCount.add(1, ordering: .relaxed).newValue)"
    try await PostgresFixture.pool.get().run { [self] in
      try run("createdb", "--host", directory, "--username=millrace", name)
    }
    return url(database: name)
  }

  /// Ends the server and its sessions by SIGKILL. Answers when they are gone.
  package func kill() async throws {
    try await PostgresFixture.pool.get().run { [self] in
      try server.withLock { processID in
        guard processID > 0 else { return }
        // The server is stopped before its sessions end, so that it starts no others meanwhile. A session that is not gone
        // yet keeps the shared memory, and the next server from starting.
        let script = """
          kill -STOP $1; sessions=$(pgrep -P $1); kill -KILL $sessions $1
          for session in $sessions; do
            while grep -qs '^State:.[^ZX]' /proc/$session/status; do sleep 0.01; done
          done
          """
        try ShellRun.run(["sh", "-c", script, "sh", String(processID)], outputPath: "\(directory)/fixture.log")
        ShellRun.wait(processID)
        processID = 0
      }
    }
  }

  /// Starts the server again after ``kill()``. Answers when it accepts connections.
  package func restart() async throws {
    try await PostgresFixture.pool.get().run { [self] in try startServer() }
  }

  /// Stops the server; the guardian removes the directory. Harmless when repeated.
  package func stop() {
    guardianPipe.withLock { pipe in
      if let descriptor = pipe { close(descriptor) }
      pipe = nil
    }
    server.withLock { processID in
      if processID > 0 { ShellRun.wait(processID) }
      processID = 0
    }
  }

  /// What the server has logged.
  package func serverLog() throws -> String {
    let descriptor = unsafe open("\(directory)/server.log", O_RDONLY)
    guard descriptor >= 0 else { throw ShellRun.Failure(program: "open server.log", status: errno) }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += chunk.prefix(count)
    }
  }

  // MARK: the server

  private func startServer() throws {
    try server.withLock { processID in
      precondition(processID == 0, "the server runs already")
      let settings = ["listen_addresses=", "fsync=on", "max_connections=100", "log_min_messages=warning"]
      processID = try ShellRun.start(
        unprivileged + ["\(binaries)/postgres", "-D", data, "-k", directory] + settings.flatMap { ["-c", $0] },
        input: nil,
        outputPath: "\(directory)/server.log")
      try ShellRun.run([
        "sh", "-c",
        """
        until "$1/pg_isready" -q -h "$2" -U millrace -d postgres; do
          grep -q '^State:.[RSD]' /proc/$3/status || exit 1; sleep 0.02
        done
        """, "sh", binaries, directory, String(processID),
      ])
    }
  }

  /// What a program of PostgreSQL is started through: they refuse to be root.
  private var unprivileged: [String] {
    geteuid() == 0 ? ["setpriv", "--reuid=\(user)", "--regid=\(user)", "--clear-groups"] : []
  }

  private func run(_ program: String, _ arguments: String...) throws {
    try ShellRun.run(unprivileged + ["\(binaries)/\(program)"] + arguments, outputPath: "\(directory)/fixture.log")
  }

  /// A shell whose input ends when this process does, or when the fixture is stopped.
  private static func startGuardian(_ directory: String) throws -> Int32 {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe2(&ends, Int32(O_CLOEXEC)) == 0 else { throw ShellRun.Failure(program: "pipe2", status: errno) }
    defer { close(ends[0]) }
    let script = """
      trap '' INT TERM HUP; read _
      pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
      [ -n "$pid" ] && [ "$(readlink /proc/$pid/cwd)" = "$1/data" ] && kill -QUIT $pid
      while [ -n "$pid" ] && [ -d /proc/$pid ] && ! grep -q '^State:.Z' /proc/$pid/status; do sleep 0.1; done
      rm -rf "$1"
      """
    _ = try ShellRun.start(["sh", "-c", script, "sh", directory], input: ends[0], outputPath: "/dev/null")
    return ends[1]
  }

  private static func unprivilegedUser() -> String {
    guard geteuid() == 0 else { return String(geteuid()) }
    return unsafe getpwnam("postgres") == nil ? "nobody" : "postgres"
  }

  /// The newest of `/usr/lib/postgresql/*/bin`, or where other installations put them.
  private static func findBinaries() -> String? {
    for version in stride(from: 20, through: 13, by: -1) {
      let path = "/usr/lib/postgresql/\(version)/bin"
      if unsafe access("\(path)/initdb", X_OK) == 0 { return path }
    }
    for path in ["/usr/bin", "/usr/local/bin", "/usr/local/pgsql/bin"] {
      if unsafe access("\(path)/initdb", X_OK) == 0 { return path }
    }
    return nil
  }
}
