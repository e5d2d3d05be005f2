internal import Synchronization

/// What was found wrong with one partition's files and not told yet: each thing once, however often it is met.
package final class LogFindings: Sendable {
  private struct State {
    var untold: [LogFinding] = []
    var known: Set<String> = []
  }

  private let state = Mutex(State())

  init() {}

  /// What nobody has been told of; it is told once.
  package func take() -> [LogFinding] {
    state.withLock { state in
      defer { state.untold = [] }
      return state.untold
    }
  }

  func add(_ finding: LogFinding) {
    state.withLock { state in
      // Beyond the bound nothing more is remembered: what is known already is trouble enough to be looked at.
      guard state.known.count < LogLimits.findings else { return }
      guard state.known.insert("\(finding.kind) \(finding.path) \(finding.position)").inserted else { return }
      state.untold.append(finding)
    }
  }
}
