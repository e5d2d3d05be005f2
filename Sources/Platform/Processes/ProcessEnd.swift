/// How a process ended.
package enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
  /// It returned this code (0…255).
  case exited(Int32)
  /// This signal ended it.
  case killed(signal: Int32)

  /// Whether it returned 0.
  package var isSuccess: Bool { self == .exited(0) }

  package var description: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .killed(let signal): "signal \(signal)"
    }
  }
}
