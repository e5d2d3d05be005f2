import FoundationEssentials
import SimulationKit

/// A source file of the project, with its lines.
struct SourceFile: Sendable {
  /// The path from the project's root.
  let path: String
  let lines: [String]

  var name: String { String(path.split(separator: "/").last ?? "") }
  /// The module a file belongs to: the third part of `Sources/Flow/Gateway/…`.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 3 ? String(parts[2]) : ""
  }
  /// The folder of the house: the second part of the path.
  var floor: String {
    let parts = path.split(separator: "/")
    return parts.count > 2 ? String(parts[1]) : ""
  }

  /// The modules it imports, with the words before `import`.
  var imports: [(access: String, module: String)] {
    lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let at = words.firstIndex(of: "import"), at <= 2, words.count > at + 1, !line.hasPrefix(" ") else {
        return nil
      }
      return (words[..<at].joined(separator: " "), String(words.last ?? ""))
    }
  }
}

/// The project's own sources, read from the disk.
enum SourceTree {
  static let root = ProjectFolder.path

  static let sources = swiftFiles(under: "Sources")
  static let tests = swiftFiles(under: "Tests")

  private static func swiftFiles(under folder: String) -> [SourceFile] {
    let base = "\(root)/\(folder)"
    guard let walk = try? FileManager.default.subpathsOfDirectory(atPath: base) else { return [] }
    return walk.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let bytes = FileManager.default.contents(atPath: "\(base)/\(path)") ?? Data()
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      return SourceFile(path: "\(folder)/\(path)", lines: lines.map(String.init))
    }
  }
}
