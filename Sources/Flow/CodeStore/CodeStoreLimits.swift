/// The bounds of the code store.
package enum CodeStoreLimits {
  /// One package: an upload, or what the builder makes of it.
  package static let packageByteCount = 64 << 20
  /// Chunks on their way to the log at once.
  static let unacknowledgedChunks = 4
  /// Packages whose place a store remembers after it appended them.
  static let rememberedPackages = 64
  /// Fetches that wait for their turn; one more fails with `overloaded`.
  static let waitingFetches = 256
  /// Kibibytes read ahead.
  static let prefetchedKibibytes = 4_096
  /// How long a fetch may take where the caller does not say.
  package static let fetchTime: Duration = .seconds(30)
}
