package import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import Processes

/// A CPython on this host.
package struct PythonInterpreter: Sendable, Equatable {
  /// `python3.8` … `python3.13`.
  package let runtime: String
  /// The program, with no link or shim in the path.
  package let path: String
  /// `sys.base_prefix`.
  package let prefix: String
  /// The full version: `3.12.1`.
  package let version: String

  static let minorVersions = 8...13

  /// Finds every CPython 3.8–3.13, oldest first; of several of one minor version, the newest patch release.
  ///
  /// - Parameter extraPaths: further programs, or folders that hold them.
  package static func discover(extraPaths: [String] = [], on loop: EventLoop) async -> [PythonInterpreter] {
    var best: [String: PythonInterpreter] = [:]
    for candidate in candidates(extraPaths) {
      guard let found = await probe(candidate, on: loop) else { continue }
      if let other = best[found.runtime], !found.isNewer(than: other) { continue }
      best[found.runtime] = found
    }
    return best.values.sorted { $0.minor < $1.minor }
  }

  /// The runtimes whose programs lie where ``discover(extraPaths:on:)`` looks, oldest first, without asking any of them: at
  /// once, and true for all but a broken installation.
  package static func installedRuntimes(extraPaths: [String] = []) -> [String] {
    minorVersions.map { "python3.\($0)" }.filter { name in
      searchedFolders(extraPaths).contains { KernelFile.realPath("\($0)/\(name)").map(isProgram) ?? false }
    }
  }

  private static func searchedFolders(_ extraPaths: [String]) -> [String] {
    ["/usr/bin", "/usr/local/bin"] + versionFolders() + extraPaths
  }

  private var numbers: [Int] { version.split(separator: ".").map { Int($0) ?? 0 } }
  private var minor: Int { numbers.count > 1 ? numbers[1] : 0 }

  private func isNewer(than other: PythonInterpreter) -> Bool { other.numbers.lexicographicallyPrecedes(numbers) }

  /// Real paths of what may be an interpreter, each once.
  private static func candidates(_ extraPaths: [String]) -> [String] {
    var found: [String] = []
    let names = minorVersions.map { "python3.\($0)" }
    for folder in searchedFolders(extraPaths) {
      let programs = names.map { "\(folder)/\($0)" } + (extraPaths.contains(folder) ? [folder] : [])
      for program in programs {
        guard let real = KernelFile.realPath(program), !found.contains(real), isProgram(real) else { continue }
        found.append(real)
      }
    }
    return found
  }

  /// The `bin` folders of version managers.
  private static func versionFolders() -> [String] {
    let environment = ProcessInfo.processInfo.environment
    var roots: [String] = []
    if let root = environment["PYENV_ROOT"] { roots.append(root) }
    if let home = environment["HOME"] { roots.append("\(home)/.pyenv") }
    roots.append("/opt/pyenv")
    return roots.flatMap { root in KernelFile.names(in: "\(root)/versions").map { "\(root)/versions/\($0)/bin" } }
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return unsafe access(path, X_OK) == 0
  }

  /// Asks the interpreter itself what it is, isolated and without its site packages.
  private static func probe(_ path: String, on loop: EventLoop) async -> PythonInterpreter? {
    let question = """
      import sys, ctypes, json
      lines = sys.implementation.name, "%d.%d.%d" % sys.version_info[:3], sys.base_prefix
      sys.stdout.write("\\n".join(lines))
      """
    let specification = ProcessSpecification(
      program: path, arguments: ["-I", "-S", "-c", question], environment: ["LANG": "C.UTF-8"])
    let captured = try? await CapturedProcess.run(
      specification, limits: .init(time: .seconds(10), outputBytes: 16384), on: loop)
    guard let captured, captured.isSuccess else { return nil }
    let lines = String(decoding: captured.output, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines.count == 3, lines[0] == "cpython" else { return nil }
    let parts = lines[1].split(separator: ".")
    guard parts.count == 3, parts[0] == "3", let minor = Int(parts[1]), minorVersions.contains(minor) else {
      return nil
    }
    return PythonInterpreter(runtime: "python3.\(minor)", path: path, prefix: lines[2], version: lines[1])
  }
}
