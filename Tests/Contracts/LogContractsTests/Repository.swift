import FoundationEssentials
import SimulationKit
import YAML

/// Where the files are that are held to the code.
enum Repository {
  static let root = ProjectFolder.path

  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(root)/\(path)")), as: UTF8.self)
  }

  static func yaml(_ path: String) throws -> YAMLValue { try YAMLReader.read(text(path)) }

  /// Paths of the files below a folder whose names end so, relative to the root, sorted.
  static func files(below folder: String, ending: String) -> [String] {
    let found = FileManager.default.enumeratedPaths(atPath: "\(root)/\(folder)")
    return found.filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }.sorted()
  }
}

extension FileManager {
  fileprivate func enumeratedPaths(atPath path: String) -> [String] {
    guard let paths = try? subpathsOfDirectory(atPath: path) else { return [] }
    return paths
  }
}
