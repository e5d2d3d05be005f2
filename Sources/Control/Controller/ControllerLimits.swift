/// The controller's bounds.
package enum ControllerLimits {
  /// A segment this long is followed by a new one.
  package static let segmentByteCount = 8 << 20
  /// One command's bytes; a longer request body is refused with 413.
  package static let commandByteCount = 1 << 20
  /// Commands that wait for the disk; one more is answered 503.
  static let queuedCommands = 1024
  /// Commands that share one sync.
  static let commandsPerSync = 256
  /// Entries after a snapshot before the next one is taken.
  package static let entriesPerSnapshot: UInt64 = 4096
  /// Changes on their way to the log at once; further ones wait in the state.
  static let unacknowledgedChanges = 256
  /// Changes that wait for the feed; while there are more, commands are answered 503.
  static let waitingChanges = 65_536
  /// How long reading what the feed has may take; then it is tried again.
  static let feedReadTime: Duration = .seconds(60)
  /// How long to wait before the feed is tried again.
  package static let publicationRetryInterval: Duration = .milliseconds(500)
  /// How long requests and changes that are under way may take once the controller is told to stop.
  static let drainTime: Duration = .seconds(2)
}
