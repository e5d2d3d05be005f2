internal import CodeArchive
internal import FoundationEssentials
internal import Glibc
package import MillraceDomain

/// A folder with a function: its `millrace.yaml`, and the files that go with it.
package struct FunctionFolder: Sendable {
  /// The bounds of a folder; the builder has its own, of which these are no wider.
  package enum Limits {
    /// Files.
    package static let fileCount = 5000
    /// Bytes of all files together.
    package static let totalBytes = 50 << 20
    /// How deep folders lie in each other.
    package static let depth = 32
  }

  /// What stays behind in every folder.
  static let alwaysIgnored = [".git", "__pycache__", "*.pyc", ".venv", ".millraceignore", "millrace.yaml"]

  /// The function's name.
  package let name: FunctionName
  /// How it is run.
  package let configuration: FunctionConfiguration
  /// The code as a zip archive.
  package let archive: [UInt8]
  /// How many files are in the archive.
  package let fileCount: Int

  /// Reads a folder.
  ///
  /// - Throws: ``CommandFailure`` that names the file and, for `millrace.yaml`, the line.
  package init(_ path: String) throws(CommandFailure) {
    let file = "\(path)/millrace.yaml"
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw CommandFailure(.refused, "\(path) has no millrace.yaml; `millrace init NAME` makes a folder that has one")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure(.refused, "\(file) is not UTF-8")
    }
    (name, configuration) = try FunctionFile.read(text, file)
    var collector = Collector(root: path, ignored: FunctionFolder.alwaysIgnored + FunctionFolder.ignoreList(path))
    try collector.collect("", depth: 0)
    guard !collector.files.isEmpty else { throw CommandFailure(.refused, "\(path) holds no code") }
    var archive = ZipWriter()
    for file in collector.files.sorted(by: { $0.path < $1.path }) {
      archive.add(file.path, file.content)
    }
    self.archive = archive.finished()
    fileCount = collector.files.count
  }

  private static func ignoreList(_ path: String) -> [String] {
    let bytes = FileManager.default.contents(atPath: "\(path)/.millraceignore") ?? Data()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      String(line.filter { $0 != "\r" && $0 != "\t" && $0 != " " })
    }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  /// Whether a name is meant by a pattern: the name itself (a slash at its end is nothing), `*suffix` or `prefix*`.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    let pattern = pattern.last == "/" ? String(pattern.dropLast()) : pattern
    if pattern.hasPrefix("*") { return name.hasSuffix(pattern.dropFirst()) }
    if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
    return name == pattern
  }

  /// Walks the folder. Links are refused: what they lead to may be anything.
  private struct Collector {
    let root: String
    let ignored: [String]
    var files: [(path: String, content: [UInt8])] = []
    var totalBytes = 0

    init(root: String, ignored: [String]) {
      self.root = root
      self.ignored = ignored
    }

    mutating func collect(_ relative: String, depth: Int) throws(CommandFailure) {
      guard depth <= Limits.depth else {
        throw CommandFailure(.refused, "\(root)/\(relative): folders lie deeper than \(Limits.depth)")
      }
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(relative)") else {
        throw PrivateFile.failure("cannot read", "\(root)/\(relative)")
      }
      for name in names.sorted() where !ignored.contains(where: { FunctionFolder.matches(name, $0) }) {
        try add(relative.isEmpty ? name : "\(relative)/\(name)", depth)
      }
    }

    private mutating func add(_ path: String, _ depth: Int) throws(CommandFailure) {
      var status = stat()
      guard lstat("\(root)/\(path)", &status) == 0 else { throw PrivateFile.failure("cannot read", "\(root)/\(path)") }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try collect(path, depth: depth + 1)
      case S_IFREG:
        totalBytes += Int(status.st_size)
        guard files.count < Limits.fileCount, totalBytes <= Limits.totalBytes else {
          throw CommandFailure(
            .refused,
            "\(root) holds more than \(Limits.fileCount) files or \(Limits.totalBytes >> 20) MiB; list what stays behind in .millraceignore"
          )
        }
        guard let content = FileManager.default.contents(atPath: "\(root)/\(path)") else {
          throw PrivateFile.failure("cannot read", "\(root)/\(path)")
        }
        files.append((path, Array(content)))
      default:
        throw CommandFailure(.refused, "\(root)/\(path) is neither a file nor a folder; list it in .millraceignore")
      }
    }
  }
}
