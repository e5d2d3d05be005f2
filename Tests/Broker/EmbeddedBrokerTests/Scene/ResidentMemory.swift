import FoundationEssentials

/// What this process holds in memory.
enum ResidentMemory {
  /// Bytes that are resident now.
  static func bytes() -> Int {
    guard let line = try? Data(contentsOf: URL(filePath: "/proc/self/statm")) else { return 0 }
    let pages = String(decoding: line, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * 4096
  }
}
