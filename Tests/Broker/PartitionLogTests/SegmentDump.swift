import EventLoop
import FoundationEssentials
import RealServers
import Testing

/// What Apache Kafka's own tool says about a partition's files.
struct SegmentDump {
  /// Reads the files and refuses what Apache Kafka does.
  ///
  /// - Returns: what it prints.
  static func run(_ names: [String], in directory: String, _ arguments: [String]) async throws -> String {
    let paths = names.sorted().map { "\(directory)/\($0)" }.joined(separator: ",")
    let output = "\(directory)-dump.txt"
    defer { try? FileManager.default.removeItem(atPath: output) }
    try await ApacheKafkaFixture.runTool(["dump", "--files", paths] + arguments, outputPath: output)
    return try String(contentsOfFile: output, encoding: .utf8)
  }
}
