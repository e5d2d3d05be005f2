import FoundationEssentials

/// What a process holds in memory.
enum ResidentMemory {
  /// Bytes that are resident now, of this process or another.
  static func bytes(of process: Int32? = nil) -> Int {
    let name = process.map { "\($0)" } ?? "self"
    guard let line = try? Data(contentsOf: URL(filePath: "/proc/\(name)/statm")) else { return 0 }
    let pages = String(decoding: line, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * 4096
  }
}
