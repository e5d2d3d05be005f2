internal import FoundationEssentials
internal import Glibc
package import PartitionLog
package import Settings
package import Streams
internal import Telemetry

/// How a broker is run.
package struct BrokerOptions: Sendable {
  /// The data folder.
  package var directory: String
  /// Where clients connect.
  package var listen: StreamAddress
  /// Where clients are told to connect; nil is where it listens.
  package var advertised: Address?
  /// When appended records are made durable, where a topic says nothing.
  package var durability: FlushPolicy = .group
  /// Where metrics are told; nil is nowhere.
  package var metricsListen: StreamAddress?
  /// Loops that serve connections.
  package var loopCount = 2
  /// Kafka's broker configs that it is started with.
  package var configs: [String: String] = [:]
  /// The bounds of connections.
  package var connectionLimits = ConnectionLimits()
  /// The file system.
  package var files: any FileLayer = DiskFiles()
  /// The room on the disk that the folder is on, and how much of it is held for what the broker writes for itself.
  package var room: any DiskRoom = DiskFiles()
  package var reserveBytes = BrokerLimits.reserveBytes

  /// A host and a port.
  package struct Address: Equatable, Sendable {
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }
  }

  /// What happens where a sync has failed. What is on the disk is unknown then, and nothing may be acknowledged any more: the process
  /// ends, and the next start looks.
  package var diskFailed: @Sendable (String) -> Void = { reason in
    Logger(label: "broker").error("the disk has failed, the broker ends", [(BrokerSignals.reason, reason)])
    _exit(diskFailureExitCode)
  }

  /// The number that this broker has among brokers, of which it is the only one.
  package static let nodeID: Int32 = 1
  /// What the process ends with where a sync has failed.
  package static let diskFailureExitCode: Int32 = 74

  /// Options of a broker.
  package init(directory: String, listen: StreamAddress) {
    self.directory = directory
    self.listen = listen
  }

  /// The host that clients are told.
  var toldHost: String {
    if let advertised { return advertised.host }
    guard case .tcp(let host, _) = listen else { return "localhost" }
    return host
  }

  var topicOptions: TopicController.Options {
    var options = TopicController.Options()
    options.brokerID = Self.nodeID
    options.start = configs
    options.flush = durability
    return options
  }

  /// The broker's settings.
  package static let settings: [Setting] = [
    Setting("broker.directory", .text, "Where the broker keeps its log; `up` takes the folder broker in its own"),
    Setting(
      "broker.listen", .address, default: "127.0.0.1:9092", "Where the broker listens; port 0 takes any that is free"),
    Setting(
      "broker.advertised", .address, "Where clients are told to connect, where it is not where the broker listens"),
    Setting(
      "broker.insecure-listen", .toggle, default: "false",
      "Allow the broker to listen beyond loopback, without TLS and passwords"),
    Setting(
      "broker.durability", .text, default: "group",
      "When records are durable: `group` before they are acknowledged, `interval:MS` so long after, `os` when the system likes"
    ),
    Setting(
      "broker.metrics.listen", .address, "Where the broker answers /metrics and /healthz; nowhere where nothing is said"
    ),
    Setting("broker.loops", .integer(1...64), default: "2", "Threads that serve clients"),
    Setting("broker.configs", .list, "Kafka's broker configs, each as NAME=VALUE"),
  ]

  /// Options from settings, of which ``settings`` are a part.
  ///
  /// - Throws: `SettingsError` where a value is missing, ``BrokerError`` where one is refused.
  package init(_ settings: ResolvedSettings) throws {
    let listen = try settings.required("broker.listen")
    guard let address = StreamAddress(listen) else {
      throw BrokerError(.address, "broker.listen: '\(listen)' is no HOST:PORT")
    }
    guard address.isLoopback || settings.toggle("broker.insecure-listen") else {
      throw BrokerError(
        .address,
        "\(listen) can be reached from other machines, and the broker has neither TLS nor passwords: listen at "
          + "127.0.0.1, or say --broker-insecure-listen and keep strangers out by other means")
    }
    self.init(directory: try settings.required("broker.directory"), listen: address)
    advertised = settings.address("broker.advertised").map { Address(host: $0.host, port: $0.port) }
    durability = try Self.durability(try settings.required("broker.durability"))
    metricsListen = settings.text("broker.metrics.listen").flatMap { StreamAddress($0) }
    loopCount = settings.integer("broker.loops")
    configs = try Self.configs(settings.list("broker.configs"))
    // Of tests alone, so no setting.
    files = FailpointFiles.fromEnvironment(
      ProcessInfo.processInfo.environment["MILLRACE_BROKER_FAILPOINT"], over: files)
  }

  private static func durability(_ text: String) throws(BrokerError) -> FlushPolicy {
    if text == "group" { return .group }
    if text == "os" { return .never }
    if text.hasPrefix("interval:"), let milliseconds = Int64(text.dropFirst("interval:".count)), milliseconds > 0 {
      return .interval(milliseconds: milliseconds)
    }
    throw BrokerError(.settings, "broker.durability: '\(text)' is none of group, interval:MILLISECONDS, os")
  }

  private static func configs(_ items: [String]) throws(BrokerError) -> [String: String] {
    var configs: [String: String] = [:]
    for item in items {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw BrokerError(.settings, "broker.configs: '\(item)' is no NAME=VALUE") }
      configs[String(parts[0])] = String(parts[1])
    }
    return configs
  }
}
