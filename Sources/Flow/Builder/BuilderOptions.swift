package import ControllerClient
package import EventLog
package import Settings

/// What a builder is told.
package struct BuilderOptions: Sendable {
  /// Where the controller is.
  package var controller: ControllerClient.Address
  /// What the controller wants to be shown.
  package var clusterToken: String?
  /// Programs, or folders of programs, where Pythons are looked for besides the usual places.
  package var pythonPaths: [String]
  /// The log.
  package var log: EventLogOptions
  /// The consumer group of all builders.
  package var group = "millrace.builder"
  /// The name in the group that survives a restart: the same builder gets its partitions back at once.
  package var instanceID: String?

  /// Options from their parts.
  package init(
    controller: ControllerClient.Address, clusterToken: String?, pythonPaths: [String], log: EventLogOptions,
    instanceID: String? = nil
  ) {
    self.controller = controller
    self.clusterToken = clusterToken
    self.pythonPaths = pythonPaths
    self.log = log
    self.instanceID = instanceID
  }

  /// Options from settings that the controller (`controller.…`) and the executor (`python.paths`) declare.
  ///
  /// - Throws: `SettingsError` where the controller's address is missing.
  package init(_ settings: ResolvedSettings, log: EventLogOptions, instanceID: String?) throws(SettingsError) {
    let controller: ControllerClient.Address
    if let path = settings.text("controller.socket") {
      controller = .unix(path: path)
    } else {
      _ = try settings.required("controller.address")
      guard let address = settings.address("controller.address") else {
        preconditionFailure("a value of that kind was checked before")
      }
      controller = .tcp(host: address.host, port: address.port)
    }
    self.init(
      controller: controller, clusterToken: settings.text("controller.token"),
      pythonPaths: settings.list("python.paths"),
      log: log, instanceID: instanceID)
  }
}
