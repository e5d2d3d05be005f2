/// A log that a test started, whichever it is: on loopback, in a temporary directory that ends with it.
package protocol RunningLog: Sendable {
  /// The broker's address, `127.0.0.1:PORT`.
  var bootstrapServers: String { get }
  /// Where its data and its output are.
  var directory: String { get }
  /// Ends the broker by SIGKILL. Answers when it is gone.
  func kill() async throws
  /// Starts the broker again with the same data. Answers when it is ready.
  func resume() async throws
  /// Stops the broker and removes everything. Harmless when repeated.
  func stop()
}

/// The logs that Millrace runs on: what is tested on one holds on the other.
package enum Log: String, CaseIterable, Sendable {
  /// The broker of `millrace broker`.
  case embedded
  case apacheKafka

  /// Those that are on this machine: arguments of a test that holds for every log.
  package static var available: [Log] { allCases.filter(\.isAvailable) }

  /// Whether it is on this machine.
  package var isAvailable: Bool {
    switch self {
    case .embedded: BrokerFixture.isAvailable
    case .apacheKafka: ApacheKafkaFixture.isAvailable
    }
  }

  /// What a skipped test says.
  package var absence: String {
    switch self {
    case .embedded: BrokerFixture.absence
    case .apacheKafka: ApacheKafkaFixture.absence
    }
  }

  /// Starts one of its own: for tests that kill it, or that want a broker who makes topics as clients name them.
  package func start(makingTopics: TopicsMade = .byAdministrators) async throws -> any RunningLog {
    let settings = ["auto.create.topics.enable=\(makingTopics == .byUse)"]
    return switch self {
    case .embedded: try await BrokerFixture.start(settings: settings)
    case .apacheKafka: try await ApacheKafkaFixture.start(settings: settings)
    }
  }

  /// The one that the tests of this process share: for what neither kills nor fills it. Administrators make its topics.
  package func shared() async throws -> any RunningLog {
    switch self {
    case .embedded: try await BrokerFixture.shared()
    case .apacheKafka: try await ApacheKafkaFixture.shared()
    }
  }
}

/// Who makes topics.
package enum TopicsMade: Sendable { case byAdministrators, byUse }
