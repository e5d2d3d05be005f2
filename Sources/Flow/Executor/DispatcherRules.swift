/// How patient the dispatcher is. Pure.
enum DispatcherRules {
  static let firstPause: Duration = .milliseconds(50)
  /// How long a sandbox must have been idle before a function that has others may take its place.
  static let graceOfIdle: Duration = .seconds(1)
  static let longestPause: Duration = .seconds(2)
  /// What it takes to start a sandbox: work that will have its turn sooner is better off waiting.
  static let costOfStart: Duration = .milliseconds(20)
  /// Events shorter than this keep a processor busy; more sandboxes than processors would only take turns.
  static let shortRun: Duration = .milliseconds(2)
  /// Sandboxes of a function of which nothing has run yet, until it is known how long its events take.
  static let sandboxesOfUnknown = 2

  /// Doubles with each failure in a row, up to a bound.
  static func pause(afterFailures count: Int) -> Duration {
    precondition(count > 0)
    return min(longestPause, firstPause * (1 << min(count - 1, 16)))
  }

  /// The moving mean of how long one event takes. Answers that came together are seen together, the first late and the
  /// others at once: each counts little, and a late one counts no more than eight of the others.
  static func mean(_ mean: Duration?, with run: Duration) -> Duration {
    guard let mean else { return run }
    return mean + (min(run, max(mean * 8, shortRun / 8)) - mean) / 32
  }
}
