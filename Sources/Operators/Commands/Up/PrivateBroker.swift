internal import EventLog
internal import EventLoop
internal import Settings
internal import Streams

/// The embedded broker that `up` runs where no Kafka is named: `millrace broker` on a folder of its own.
struct PrivateBroker: Sendable {
  /// The part's name, and its log's.
  static let name = "broker"

  /// Where its data is.
  let directory: String
  /// How its clients reach it.
  let bootstrapServers: String
  /// Kafka's broker configs that it is started with: ours, and the user's, which win.
  let configs: [String]
  private let address: HostAndPort
  private let loop: EventLoop

  init(_ data: DataFolder, _ listen: HostAndPort, configs: [String], loop: EventLoop) {
    directory = data.broker
    bootstrapServers = listen.description
    // `up` makes the topics: a client that names one wrongly is told, and makes none.
    self.configs = ["auto.create.topics.enable=false"] + configs
    address = listen
    self.loop = loop
  }

  /// How long one question waits for the broker.
  private static let patience: Duration = .seconds(2)

  /// Whether it answers. Nobody but us is asked until it listens: the library would take a second to come back to a broker
  /// that refused it.
  func probe() async -> Bool {
    guard await isListening() else { return false }
    guard
      let admin = try? LogAdmin(
        loop: loop, options: EventLogOptions(bootstrapServers: bootstrapServers, clientID: "millrace-up"))
    else { return false }
    let count = try? await admin.brokerCount(within: Self.patience)
    await admin.close()
    return count != nil
  }

  private func isListening() async -> Bool {
    let target = StreamAddress.tcp(host: address.host, port: address.port)
    guard let stream = try? await ByteStream.connect(to: target, on: loop, within: Self.patience) else { return false }
    stream.close()
    return true
  }
}
