import FoundationEssentials
import RealServers

/// Any Kafka client, as users have one.
enum Kcat {
  static let isThere = ["/usr/bin/kcat", "/usr/local/bin/kcat"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// All records of a topic, a line each.
  static func read(_ topic: String, format: String, _ platform: PlatformUnderTest) async throws -> [String] {
    let run = try await platform.run(
      "kcat", ["-C", "-q", "-e", "-b", platform.bootstrapServers, "-t", topic, "-o", "beginning", "-f", format])
    guard run.exitCode == 0 else { throw StoryFailure("kcat: \(run.errorOutput)") }
    return run.output.split(separator: "\n").map(String.init)
  }

  /// Appends one record.
  static func produce(
    _ topic: String, headers: [(String, String)], value: String, _ platform: PlatformUnderTest
  ) async throws {
    let flags = headers.flatMap { ["-H", "\($0.0)=\($0.1)"] }
    let run = try await platform.run(
      "kcat", ["-P", "-b", platform.bootstrapServers, "-t", topic] + flags, input: value)
    guard run.exitCode == 0 else { throw StoryFailure("kcat: \(run.errorOutput)") }
  }
}
