internal import FoundationEssentials

/// The folder of the code cache: a place of its own in the directory that the settings name. What is emptied, by root, is that
/// folder alone, and only where a mark says that it is the cache's: the directory may be any, by mistake.
enum CodeCacheFolder {
  /// Why the folder is left as it is.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  static let name = "code-cache"
  static let mark = ".millrace-code-cache"

  /// Answers with the path of the folder, which is there and empty but for its mark.
  ///
  /// - Throws: ``Refusal`` where what is there is none of the cache's; else the errors of the file system.
  static func prepare(in directory: String) throws -> String {
    let files = FileManager.default
    let folder = "\(directory)/\(name)"
    try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
    // Of the entry itself: a link leads elsewhere.
    if let type = try? files.attributesOfItem(atPath: folder)[.type] as? FileAttributeType {
      guard type == .typeDirectory else { throw Refusal(description: "\(folder) is no folder") }
      let entries = try files.contentsOfDirectory(atPath: folder)
      guard entries.isEmpty || entries.contains(mark) else {
        throw Refusal(description: "\(folder) holds files that are not Millrace's")
      }
      for entry in entries where entry != mark { try files.removeItem(atPath: "\(folder)/\(entry)") }
    } else {
      try files.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }
    guard files.createFile(atPath: "\(folder)/\(mark)", contents: Data()) else {
      throw Refusal(description: "\(folder)/\(mark) cannot be written")
    }
    return folder
  }
}
