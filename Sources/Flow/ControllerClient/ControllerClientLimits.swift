/// The bounds of the controller's client.
package enum ControllerClientLimits {
  /// How long a command is tried.
  package static let patience: Duration = .seconds(15)
  /// How long one attempt may take.
  static let attemptTimeout: Duration = .seconds(5)
  /// The pause after the first failed attempt; it doubles with each further one.
  static let firstWait: Duration = .milliseconds(25)
  /// The longest pause between attempts.
  static let longestWait: Duration = .seconds(1)
  /// The longest answer.
  static let responseByteCount = 1 << 20
}
