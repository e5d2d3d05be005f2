package import EventLog
package import Settings

/// What a controller is told.
package struct ControllerOptions: Sendable {
  /// The directory of its log and snapshots; made where it is missing.
  package var directory: String
  /// The Unix socket to listen at.
  package var socketPath: String?
  /// The host and port to listen at, with a cluster token only.
  package var listen: HostAndPort?
  /// What the other roles must present. nil: whoever reaches the socket may ask.
  package var clusterToken: String?
  /// The log that `functions` is on.
  package var log: EventLogOptions

  /// Options from their parts.
  ///
  /// - Throws: ``ControllerError`` with `configuration` where it would listen nowhere, or on TCP without a token.
  package init(
    directory: String, socketPath: String?, listen: HostAndPort?, clusterToken: String?, log: EventLogOptions
  ) throws(ControllerError) {
    guard socketPath != nil || listen != nil else {
      throw ControllerError(.configuration, "say --controller-socket or --controller-listen")
    }
    guard listen == nil || clusterToken?.isEmpty == false else {
      throw ControllerError(.configuration, "--controller-listen needs --controller-token: who may ask must be known")
    }
    self.directory = directory
    self.socketPath = socketPath
    self.listen = listen
    self.clusterToken = clusterToken
    self.log = log
  }

  /// The controller's settings.
  package static let settings: [Setting] = [
    Setting("controller.directory", .text, "Directory of the controller's log and snapshots"),
    Setting("controller.socket", .text, "Unix socket where the controller listens and the roles reach it"),
    Setting("controller.listen", .address, "Host and port where the controller listens"),
    Setting("controller.address", .address, "Host and port where the roles reach the controller"),
    Setting(
      "controller.token", .text,
      "What the roles present to the controller on TCP, better by the variable or the YAML file"),
  ]

  /// Options from settings.
  ///
  /// - Throws: `SettingsError` where a value is missing, ``ControllerError`` where values contradict each other.
  package init(_ settings: ResolvedSettings, log: EventLogOptions) throws {
    try self.init(
      directory: settings.required("controller.directory"), socketPath: settings.text("controller.socket"),
      listen: settings.address("controller.listen"), clusterToken: settings.text("controller.token"), log: log)
  }
}
