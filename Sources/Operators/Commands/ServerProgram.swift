package import EventLoop
package import Settings

/// What the program knows of its roles: their names, their settings, and how to run them. `Programs` makes it, so that
/// commands name no stage.
package struct ServerProgram: Sendable {
  /// The roles in the order in which they are started.
  package let roles: [String]
  /// The table of all settings.
  package let settings: SettingsTable
  /// The settings of the embedded broker, a part of ``settings``.
  package let brokerSettings: [Setting]
  /// Runs the embedded broker on the loop until it has drained; the exit code.
  package let serveBroker: @Sendable (_ settings: ResolvedSettings, _ loop: EventLoop) async throws -> Int32
  /// Runs roles on the loop until they have drained; the exit code.
  package let serve:
    @Sendable (_ roles: [String], _ settings: ResolvedSettings, _ loop: EventLoop) async throws -> Int32

  /// A program with these roles.
  package init(
    roles: [String], settings: [Setting], brokerSettings: [Setting] = [],
    serveBroker: @escaping @Sendable (_ settings: ResolvedSettings, _ loop: EventLoop) async throws -> Int32 = { _, _ in
      preconditionFailure("this program has no broker")
    },
    serve:
      @escaping @Sendable (_ roles: [String], _ settings: ResolvedSettings, _ loop: EventLoop) async throws -> Int32
  ) {
    self.roles = roles
    self.settings = MillraceSettings.table(roles: settings + brokerSettings)
    self.brokerSettings = brokerSettings
    self.serveBroker = serveBroker
    self.serve = serve
  }
}
