internal import CLinux
internal import Glibc

/// A point of the monotonic clock (`CLOCK_MONOTONIC`), in nanoseconds since an arbitrary origin. Meaningless across machines
/// and restarts.
package struct LoopInstant: Comparable, Hashable, Sendable {
  /// Nanoseconds since the clock's origin.
  package var nanoseconds: Int64

  /// An instant at the given reading of the clock.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Reads the clock.
  package static func current() -> LoopInstant {
    var time = timespec()
    let read = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(read == 0)
    return LoopInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  package static func < (left: LoopInstant, right: LoopInstant) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The instant `duration` later. Durations beyond 292 years are cut there.
  package static func + (instant: LoopInstant, duration: Duration) -> LoopInstant {
    let (sum, overflowed) = instant.nanoseconds.addingReportingOverflow(duration.nanosecondsClamped)
    return LoopInstant(nanoseconds: overflowed ? .max : sum)
  }

  /// The time from `earlier` to `later`; negative where they are the other way round.
  package static func - (later: LoopInstant, earlier: LoopInstant) -> Duration {
    .nanoseconds(later.nanoseconds - earlier.nanoseconds)
  }

  /// The time from now until this instant, zero where it has passed.
  func timespecFromNow() -> timespec {
    let remaining = max(0, nanoseconds - LoopInstant.current().nanoseconds)
    return timespec(tv_sec: Int(remaining / 1_000_000_000), tv_nsec: Int(remaining % 1_000_000_000))
  }
}

extension Duration {
  /// Whole nanoseconds, cut to what 64 bits hold.
  package var nanosecondsClamped: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflowed { return seconds < 0 ? .min : .max }
    let (sum, overflowedAgain) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowedAgain ? (seconds < 0 ? .min : .max) : sum
  }
}
