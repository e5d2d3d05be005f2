internal import FoundationEssentials
internal import Glibc

/// Where the gateway is and what to show it. `up` writes one, so that the next command needs no words.
package struct CommandContext: Codable, Sendable, Equatable {
  /// The gateway's address, without a slash at the end: `http://127.0.0.1:8080`.
  package var url: String
  /// The API token.
  package var token: String
  /// The brokers, `host:port` with commas between; for the commands that look at topics.
  package var kafka: String?

  /// A context from its parts.
  package init(url: String, token: String, kafka: String?) {
    self.url = url
    self.token = token
    self.kafka = kafka
  }

  /// Where the file is: `MILLRACE_CONTEXT`, or `millrace/context.json` in the user's configuration folder.
  package static func path(in environment: [String: String]) -> String {
    if let path = environment["MILLRACE_CONTEXT"], !path.isEmpty { return path }
    let home = environment["HOME"] ?? "/root"
    let folder = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(home)/.config"
    return "\(folder)/millrace/context.json"
  }

  /// The file's content; nil where there is none.
  ///
  /// - Throws: ``CommandFailure`` where it is not a context.
  package static func read(from environment: [String: String]) throws(CommandFailure) -> CommandContext? {
    let path = path(in: environment)
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    guard let context = try? JSONDecoder().decode(CommandContext.self, from: bytes) else {
      throw CommandFailure(.refused, "\(path) is not a context; remove it, or start `millrace up` again")
    }
    return context
  }

  /// Writes the file, readable for its owner alone; its folder is made where it is not there.
  package func write(to path: String) throws(CommandFailure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let bytes = try? encoder.encode(self) else { preconditionFailure("a context is always JSON") }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    if !folder.isEmpty { try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    try PrivateFile.write(Array(bytes) + [0x0a], to: path)
  }
}

/// Files that hold secrets.
enum PrivateFile {
  /// Writes a file of mode 0600, whole or not at all, also when the machine stops meanwhile.
  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) throws(CommandFailure) {
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure("cannot write", path) }
    let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let isWhole = written == bytes.count && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
    close(descriptor)
    guard isWhole, rename(temporary, path) == 0 else {
      let failure = failure("cannot write", path)
      unlink(temporary)
      throw failure
    }
  }

  static func failure(_ what: String, _ path: String) -> CommandFailure {
    CommandFailure(.refused, "\(what) \(path): \(String(cString: strerror(errno)))")
  }
}
