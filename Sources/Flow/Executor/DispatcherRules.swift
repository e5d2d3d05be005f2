/// How patient the dispatcher is. Pure.
enum DispatcherRules {
  static let firstPause: Duration = .milliseconds(50)
  /// How long a sandbox must have been idle before a function that has others may take its place.
  static let graceOfIdle: Duration = .seconds(1)
  static let longestPause: Duration = .seconds(2)

  /// Doubles with each failure in a row, up to a bound.
  static func pause(afterFailures count: Int) -> Duration {
    precondition(count > 0)
    return min(longestPause, firstPause * (1 << min(count - 1, 16)))
  }
}
