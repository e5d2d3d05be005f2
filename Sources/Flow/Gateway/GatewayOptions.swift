package import ControllerClient
package import EventLog
package import MillraceDomain
package import Postgres
package import Settings
package import Streams

/// What a gateway is told.
package struct GatewayOptions: Sendable {
  /// The gateway's id: its name in replies, and what chooses its partition of `replies`.
  package var id: ComponentID
  /// Where it listens. Port 0 lets the system choose.
  package var listen: StreamAddress
  /// How long a call may wait at most, whatever its function's timeout.
  package var waitBound: Duration
  /// The log.
  package var log: EventLogOptions
  /// The database.
  package var postgres: PostgresOptions
  /// The controller.
  package var controller: ControllerClient.Address
  /// What the controller wants to be shown, on TCP.
  package var clusterToken: String?

  /// Whether a gateway without TLS may be reached from other machines.
  package enum Reach: Sendable {
    /// From this machine only; another address is refused.
    case loopback
    /// From wherever the address can be reached: tokens travel in clear.
    case anywhere
  }

  /// Options from their parts.
  ///
  /// - Throws: ``GatewayConfigurationError`` where the address could be reached from other machines and must not be.
  package init(
    id: ComponentID = GatewayOptions.newID(), listen: StreamAddress, reach: Reach, waitBound: Duration = .seconds(900),
    log: EventLogOptions, postgres: PostgresOptions, controller: ControllerClient.Address, clusterToken: String? = nil
  ) throws(GatewayConfigurationError) {
    if !listen.isLoopback, reach == .loopback {
      throw GatewayConfigurationError(
        message: "\(listen) can be reached from other machines, and there is no TLS yet: listen at 127.0.0.1, or say "
          + "--insecure-listen and put a proxy with TLS before it")
    }
    self.id = id
    self.listen = listen
    self.waitBound = waitBound
    self.log = log
    self.postgres = postgres
    self.controller = controller
    self.clusterToken = clusterToken
  }

  /// The gateway's settings.
  package static let settings: [Setting] = [
    Setting("gateway.listen", .address, default: "127.0.0.1:8080", "Where the gateway listens", aliases: ["listen"]),
    Setting(
      "gateway.insecure-listen", .toggle, default: "false", "Allow the gateway to listen beyond loopback, without TLS",
      aliases: ["insecure-listen"]),
    Setting("gateway.wait", .duration, default: "15m", "How long a caller may wait for a result before it gets 504"),
  ]

  /// Options from settings, of which ``settings`` are a part.
  ///
  /// - Throws: `SettingsError` where a value is missing, ``GatewayConfigurationError`` where one is refused.
  package init(
    _ settings: ResolvedSettings, log: EventLogOptions, controller: ControllerClient.Address, clusterToken: String?
  ) throws {
    let listen = try settings.required("gateway.listen")
    guard let address = StreamAddress(listen) else {
      throw GatewayConfigurationError(message: "gateway.listen: '\(listen)' is no HOST:PORT")
    }
    try self.init(
      listen: address, reach: settings.toggle("gateway.insecure-listen") ? .anywhere : .loopback,
      waitBound: settings.duration("gateway.wait"), log: log,
      postgres: PostgresOptions(url: settings.required("postgres.url"), applicationName: "millrace-gateway"),
      controller: controller, clusterToken: clusterToken)
  }

  /// An id for a gateway that starts now: no other has it.
  package static func newID() -> ComponentID {
    var generator = SystemRandomNumberGenerator()
    let digits = String(generator.next(), radix: 16)
    guard let id = try? ComponentID("gateway-\(digits)") else { preconditionFailure("digits make an id") }
    return id
  }
}

/// Why a gateway cannot be as its settings say.
package struct GatewayConfigurationError: Error, CustomStringConvertible {
  /// What is wrong and what would be right.
  package let message: String
  package var description: String { message }
}
