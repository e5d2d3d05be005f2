internal import EventLog
internal import EventLoop
internal import Settings

/// The embedded broker that `up` runs where no Kafka is named: `millrace broker` on a folder of its own.
struct PrivateBroker: Sendable {
  /// The part's name, and its log's.
  static let name = "broker"

  /// Where its data is.
  let directory: String
  /// How its clients reach it.
  let bootstrapServers: String
  private let loop: EventLoop

  init(_ data: DataFolder, _ listen: HostAndPort, loop: EventLoop) {
    directory = data.broker
    bootstrapServers = listen.description
    self.loop = loop
  }

  /// How long one question waits for the broker.
  private static let patience: Duration = .seconds(2)

  /// Whether it answers.
  func probe() async -> Bool {
    guard
      let admin = try? LogAdmin(
        loop: loop, options: EventLogOptions(bootstrapServers: bootstrapServers, clientID: "millrace-up"))
    else { return false }
    let count = try? await admin.brokerCount(within: Self.patience)
    await admin.close()
    return count != nil
  }
}
