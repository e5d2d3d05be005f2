/// Exponential pauses with full jitter: attempt n waits between half and the whole of `first · 2ⁿ`, at most `longest`.
package struct BackOff: Sendable, Equatable {
  /// The longest pause after the first failure.
  package let first: Duration
  /// The longest pause of all.
  package let longest: Duration

  /// Pauses that begin and end at the given lengths.
  package init(first: Duration = .milliseconds(50), longest: Duration = .seconds(5)) {
    precondition(first > .zero && longest >= first)
    self.first = first
    self.longest = longest
  }

  /// The pause after so many failures (at least one), with `random` drawn evenly from 0..<1.
  package func pause(afterFailures failures: Int, random: Double) -> Duration {
    precondition(failures > 0)
    let doublings = min(failures - 1, 30)
    let whole = min(first * (1 << doublings), longest)
    return whole / 2 + (whole / 2) * random
  }
}
