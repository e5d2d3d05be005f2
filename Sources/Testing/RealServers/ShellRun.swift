internal import Glibc

/// Runs programs to their end, for fixtures. Blocks: on a ``EventLoop/BlockingPool``, never on a loop.
enum ShellRun {
  /// A program that did not end well.
  struct Failure: Error, CustomStringConvertible {
    let program: String
    let status: Int32
    var description: String { "\(program) ended with status \(status)" }
  }

  /// Runs a program with both outputs appended to a file, and throws unless it ends with 0.
  static func run(_ arguments: [String], outputPath: String = "/dev/null") throws {
    let processID = try start(arguments, input: nil, outputPath: outputPath)
    let status = wait(processID)
    guard status == 0 else { throw Failure(program: arguments.joined(separator: " "), status: status) }
  }

  /// Waits for the end of a child and answers its status as `waitpid` does.
  @discardableResult
  static func wait(_ processID: Int32) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(processID, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  /// Starts a program, found in `PATH`, in `/`, with the given descriptor (or nothing) as its input.
  static func start(_ arguments: [String], input: Int32?, outputPath: String) throws -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    if let input {
      unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o666)
    unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // PostgreSQL's programs complain where they may not look at the directory they are in.
    let arguments = ["sh", "-c", "cd / && exec \"$@\"", "sh"] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    var processID: pid_t = 0
    let failure = unsafe posix_spawnp(&processID, arguments[0], &actions, nil, &pointers, environ)
    guard failure == 0 else { throw Failure(program: arguments[0], status: failure) }
    return processID
  }
}
