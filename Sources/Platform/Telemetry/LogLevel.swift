/// How much a log line matters.
package enum LogLevel: Int, Comparable, Sendable, CaseIterable {
  /// Per record. Off in production.
  case trace
  /// Per batch.
  case debug
  /// Life cycle.
  case info
  /// Degraded, going on.
  case warning
  /// Someone must act.
  case error

  package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

  /// The level of that name; nil where there is none.
  package init?(name: String) {
    guard let level = LogLevel.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }

  /// The name that stands in a line.
  package var name: String {
    switch self {
    case .trace: "trace"
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }
}
