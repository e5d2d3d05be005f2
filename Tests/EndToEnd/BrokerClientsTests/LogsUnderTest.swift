import RealServers

/// The logs that the tests of this folder share. They make topics as clients name them.
enum LogsUnderTest {
  private static let embedded = Task { try await Log.embedded.start(makingTopics: .byUse) }
  private static let apacheKafka = Task { try await Log.apacheKafka.start(makingTopics: .byUse) }

  static func running(_ log: Log) async throws -> any RunningLog {
    switch log {
    case .embedded: try await embedded.value
    case .apacheKafka: try await apacheKafka.value
    }
  }
}
