/// Writes log lines under one label.
///
/// The message is a constant sentence; what varies is metadata, with keys from the module's `…Signals.swift`. A level that
/// is off costs one relaxed load: the metadata is not even made. Usable from any thread or loop.
package struct Logger: Sendable {
  /// The stage or module that speaks, such as `gateway`.
  package let label: String
  private let output: LogOutput

  /// A logger that writes to the process's standard error.
  package init(label: String) { self.init(label: label, output: .standard) }

  /// A logger that writes to the given output.
  package init(label: String, output: LogOutput) {
    self.label = label
    self.output = output
  }

  /// Whether a line of this level would be written.
  package func isOn(_ level: LogLevel) -> Bool { level >= output.threshold }

  /// Writes a line, where the level is on.
  package func log(
    _ level: LogLevel, _ message: StaticString, _ metadata: @autoclosure () -> [(String, String)] = []
  ) {
    guard isOn(level) else { return }
    output.write(LogLine(level: level, label: label, message: message.description, metadata: metadata()))
  }

  /// Writes a line per record.
  package func trace(_ message: StaticString, _ metadata: @autoclosure () -> [(String, String)] = []) {
    log(.trace, message, metadata())
  }
  /// Writes a line per batch.
  package func debug(_ message: StaticString, _ metadata: @autoclosure () -> [(String, String)] = []) {
    log(.debug, message, metadata())
  }
  /// Writes a line on the life cycle.
  package func info(_ message: StaticString, _ metadata: @autoclosure () -> [(String, String)] = []) {
    log(.info, message, metadata())
  }
  /// Writes a line that says something is degraded.
  package func warning(_ message: StaticString, _ metadata: @autoclosure () -> [(String, String)] = []) {
    log(.warning, message, metadata())
  }
  /// Writes a line that asks someone to act.
  package func error(_ message: StaticString, _ metadata: @autoclosure () -> [(String, String)] = []) {
    log(.error, message, metadata())
  }
}
