internal import CLinux
internal import MillraceDomain
internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import HTTPClient
internal import Postgres
internal import Processes
internal import Security

/// The PostgreSQL cluster that `up` runs for itself: made once, reached by a Unix socket alone, with a password of its own.
struct PrivatePostgres: Sendable {
  /// The name of its superuser and of its database.
  static let name = "millrace"

  private let binaries: String
  private let cluster: String
  private let passwordFile: String
  private let sockets: String
  private let identity: ProcessSpecification.Identity?
  private let loop: EventLoop

  /// Finds the programs and the user to run them as.
  ///
  /// - Throws: ``CommandFailure`` that says what to install.
  init(_ data: DataFolder, loop: EventLoop) throws(CommandFailure) {
    guard let binaries = PrivatePostgres.binaries() else {
      throw CommandFailure(
        .refused,
        "PostgreSQL is not installed: apt-get install postgresql, or say --postgres URL of one that runs elsewhere")
    }
    self.binaries = binaries
    cluster = data.postgres
    passwordFile = data.postgresPassword
    sockets = data.postgresSocketFolder
    identity = geteuid() == 0 ? PrivatePostgres.unprivilegedIdentity() : nil
    self.loop = loop
  }

  /// The newest installed version's folder of programs.
  static func binaries() -> String? {
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap { Int($0) }
    return versions.sorted(by: >).map { "\(root)/\($0)/bin" }.first { folder in
      ["postgres", "initdb"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }
  }

  /// The user `millrace` where there is one, else `postgres`, else `nobody`.
  private static func unprivilegedIdentity() -> ProcessSpecification.Identity {
    for name in ["millrace", "postgres"] {
      if let entry = getpwnam(name), entry.pointee.pw_uid != 0 {
        return ProcessSpecification.Identity(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
      }
    }
    return .nobody
  }

  /// How its clients reach it.
  func url(database: String) throws(CommandFailure) -> String {
    guard let password = DataFolder.text(passwordFile) else { throw PrivateFile.failure("cannot read", passwordFile) }
    return "postgres://\(Self.name):\(password)@/\(database)?host=\(PercentEncoding.encode(sockets))"
  }

  // MARK: making

  private var isMade: Bool { FileManager.default.fileExists(atPath: "\(cluster)/PG_VERSION") }

  /// Makes the password where there is none yet, so that ``url(database:)`` is known before the cluster is made.
  func preparePassword() throws(CommandFailure) {
    guard !isMade, DataFolder.text(passwordFile) == nil else { return }
    try PrivateFile.write(Array((Hexadecimal.text(of: SecureRandom.bytes(24)) + "\n").utf8), to: passwordFile)
  }

  /// Makes the cluster where it is not there, and ends what an earlier `up` has left running on it.
  func prepare() async throws(CommandFailure) {
    try makeFolder(sockets)
    if !isMade { try await initialize() }
    try await endLeftover()
  }

  /// A folder that the database's user owns.
  private func makeFolder(_ path: String) throws(CommandFailure) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw PrivateFile.failure("cannot make", path) }
    guard let identity else { return }
    guard chown(path, identity.user, identity.group) == 0 else { throw PrivateFile.failure("cannot give away", path) }
  }

  /// Into a folder beside, which becomes the cluster when it is whole.
  private func initialize() async throws(CommandFailure) {
    let fresh = "\(cluster).new"
    try? FileManager.default.removeItem(atPath: fresh)
    try makeFolder(fresh)
    guard let password = DataFolder.text(passwordFile) else { throw PrivateFile.failure("cannot read", passwordFile) }
    let specification = ProcessSpecification(
      program: "\(binaries)/initdb",
      arguments: [
        "-D", fresh, "-U", Self.name, "--pwfile=/dev/stdin", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale",
        "--data-checksums", "--no-sync",
      ], environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"], workingDirectory: "/", identity: identity)
    let run: CapturedProcess
    do {
      run = try await CapturedProcess.run(
        specification, input: Array((password + "\n").utf8), limits: .init(time: .seconds(120), outputBytes: 1 << 20),
        on: loop)
    } catch {
      throw CommandFailure(.refused, "\(error)")
    }
    guard run.isSuccess else {
      let complaint = String(decoding: run.errorOutput, as: UTF8.self)
      let advice =
        complaint.contains("Permission denied")
        ? "; the database's user must be able to reach the folder: choose another with --data" : ""
      throw CommandFailure(
        .refused, "initdb failed: \(complaint.split(separator: "\n").joined(separator: " "))\(advice)")
    }
    try await sync(fresh)
    guard rename(fresh, cluster) == 0 else { throw PrivateFile.failure("cannot make", cluster) }
  }

  /// Puts all files there on the disk at once: `initdb` would do it one by one, which takes longer than making them.
  private func sync(_ path: String) async throws(CommandFailure) {
    do {
      let pool = try BlockingPool(name: "postgres-sync", threads: 1, queueLimit: 1)
      try await pool.run {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw PrivateFile.failure("cannot read", path) }
        defer { close(folder) }
        guard syncfs(folder) == 0 else { throw PrivateFile.failure("cannot write", path) }
      }
    } catch {
      throw error as? CommandFailure ?? CommandFailure(.refused, "\(error)")
    }
  }

  // MARK: running

  /// How the server is started. Settings are given here and not in a file, so that those of an upgrade hold at once.
  func specification() -> ProcessSpecification {
    removeStaleProcessFiles()
    let settings = [
      "listen_addresses=", "unix_socket_directories=\(sockets)", "unix_socket_permissions=0700", "max_connections=60",
      "shared_buffers=64MB", "max_wal_size=1GB", "checkpoint_timeout=10min", "wal_level=minimal", "max_wal_senders=0",
      "logging_collector=off", "log_destination=stderr", "timezone=UTC", "log_timezone=UTC", "jit=off",
    ]
    return ProcessSpecification(
      program: "\(binaries)/postgres", arguments: ["-D", cluster] + settings.flatMap { ["-c", $0] },
      environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C"], workingDirectory: cluster,
      // With `up` it ends as if the machine had. Recovery takes a moment, and the last commits of the recorder, which does
      // not wait for the disk, may be gone: it goes on from the offsets that went with them.
      parentDeath: .signals(SIGQUIT), identity: identity)
  }

  /// The process that `postmaster.pid` names, and whether it is a server of this cluster.
  private func recordedProcess() -> (id: Int32, isOurs: Bool)? {
    guard let bytes = FileManager.default.contents(atPath: "\(cluster)/postmaster.pid") else { return nil }
    let first = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first ?? ""
    guard let id = Int32(first), id > 1 else { return nil }
    let command = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
    let words = String(decoding: command, as: UTF8.self).split(separator: "\0")
    return (id, words.first?.hasSuffix("postgres") == true && words.contains(Substring(cluster)))
  }

  /// Files whose number belongs to some other process by now, or to one that was killed and that nobody has waited for yet,
  /// would keep the server from starting. Whether anything of the cluster still runs it sees by its shared memory.
  private func removeStaleProcessFiles() {
    guard let process = recordedProcess(), !process.isOurs else { return }
    unlink("\(cluster)/postmaster.pid")
    unlink("\(sockets)/.s.PGSQL.5432.lock")
  }

  /// How long a server of an earlier `up` may take to end, and how often that is looked at.
  private static let leftoverChecks = 1_000
  private static let leftoverInterval: Duration = .milliseconds(10)

  private func endLeftover() async throws(CommandFailure) {
    guard let process = recordedProcess(), process.isOurs else { return }
    kill(process.id, SIGQUIT)
    for _ in 0..<Self.leftoverChecks {
      guard let still = recordedProcess(), still.isOurs, still.id == process.id else { return }
      do { try await loop.sleep(for: Self.leftoverInterval) } catch { return }
    }
    throw CommandFailure(
      .refused, "a PostgreSQL of an earlier `up` (process \(process.id)) does not end; stop it and try again")
  }

  /// Whether the server takes statements; makes the database where it is not there.
  func probe() async -> Bool {
    do {
      let connection = try await PostgresConnection.connect(
        PostgresOptions(
          url: try url(database: "postgres"), applicationName: "millrace-up", connectTimeout: .seconds(2)), on: loop)
      let rows = try await connection.query("SELECT 1 FROM pg_database WHERE datname = 'millrace'")
      if rows.count == 0 { _ = try await connection.query("CREATE DATABASE millrace") }
      await connection.close()
      return true
    } catch {
      return false
    }
  }
}
