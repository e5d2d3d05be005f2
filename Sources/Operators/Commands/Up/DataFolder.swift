internal import MillraceDomain
internal import FoundationEssentials
internal import Glibc
internal import Security

/// Where `up` keeps things, and its lock. Immutable once made.
final class DataFolder: Sendable {
  /// The folder's absolute path.
  let path: String
  /// Where sockets are: `DATA/run`, or a short path where that of a socket in it would be longer than the kernel takes.
  let run: String
  private let lock: Int32

  /// The kernel's bound of a socket's path, its last byte a zero.
  static let socketPathBytes = 107
  /// The longest name below the folder of sockets.
  private static let longestSocketName = "/postgres/.s.PGSQL.5432"

  var broker: String { "\(path)/broker" }
  var postgres: String { "\(path)/postgres" }
  var postgresPassword: String { "\(path)/postgres.password" }
  var postgresURL: String { "\(path)/postgres.url" }
  var kafkaBootstrap: String { "\(path)/kafka.bootstrap" }
  var administratorToken: String { "\(path)/admin.token" }
  var controller: String { "\(path)/controller" }
  var controllerSocket: String { "\(run)/controller.sock" }
  var postgresSocketFolder: String { "\(run)/postgres" }
  func log(of part: String) -> String { "\(path)/log/\(part).log" }

  /// The folder that is meant where none is said: the system's for root, the user's own otherwise.
  static func standardPath(_ environment: [String: String]) -> String {
    if geteuid() == 0 { return "/var/lib/millrace" }
    let home = environment["HOME"] ?? "."
    return "\(environment["XDG_DATA_HOME"] ?? "\(home)/.local/share")/millrace"
  }

  /// Makes the folder where it is not there, and locks it for this process.
  ///
  /// - Throws: ``CommandFailure`` where another `up` has it, or it cannot be written.
  init(_ path: String) throws(CommandFailure) {
    let absolute = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    self.path = absolute.count > 1 && absolute.last == "/" ? String(absolute.dropLast()) : absolute
    let isShort = self.path.utf8.count + "/run".utf8.count + Self.longestSocketName.utf8.count <= Self.socketPathBytes
    run =
      isShort
      ? "\(self.path)/run"
      : "/tmp/millrace-\(geteuid())-\(Hexadecimal.text(of: SHA256.digest(self.path.utf8).prefix(8)))"
    // Others may pass through, for the database's user, but not look.
    try Self.make(self.path, mode: 0o711)
    lock = try Self.takeLock(self.path)
    for folder in [run, "\(self.path)/log"] { try Self.make(folder, mode: folder == run ? 0o711 : 0o700) }
  }

  deinit { close(lock) }

  /// Makes a folder of ours; one that is there must be ours.
  static func make(_ path: String, mode: mode_t) throws(CommandFailure) {
    try? FileManager.default.createDirectory(
      atPath: path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"),
      withIntermediateDirectories: true)
    guard mkdir(path, mode) != 0 else {
      guard chmod(path, mode) == 0 else { throw PrivateFile.failure("cannot make", path) }
      return
    }
    var status = stat()
    guard errno == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw PrivateFile.failure("cannot make", path)
    }
    guard status.st_uid == geteuid() else {
      throw CommandFailure(.refused, "\(path) belongs to another user; choose another folder with --data")
    }
    // What is there keeps its mode but for what we need of it.
    guard status.st_mode & 0o700 == 0o700, chmod(path, status.st_mode & 0o777 | mode) == 0 else {
      throw PrivateFile.failure("cannot use", path)
    }
  }

  /// The descriptor that holds the lock.
  private static func takeLock(_ path: String) throws(CommandFailure) -> Int32 {
    let file = "\(path)/LOCK"
    let lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw PrivateFile.failure("cannot write", file) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let holder = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
      let process = Int32(holder.filter { $0 != "\n" }).map { " (process \($0))" } ?? ""
      throw CommandFailure(
        .refused,
        "\(path) is in use by another `millrace up`\(process); stop that one, or choose another folder with --data")
    }
    let mine = Array("\(getpid())\n".utf8)
    guard ftruncate(lock, 0) == 0, mine.withUnsafeBytes({ pwrite(lock, $0.baseAddress, $0.count, 0) }) == mine.count
    else {
      throw PrivateFile.failure("cannot write", file)
    }
    return lock
  }

  /// The text of a small file, without the line's end; nil where there is none.
  static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { bytes in
      String(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" })
    }
  }
}
