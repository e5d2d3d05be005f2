/// The bounds of one turn, and of what the loop keeps.
enum EventLoopLimits {
  /// Events fetched from the kernel at once; the rest is fetched in the next turn.
  static let eventsPerTurn = 256
  /// Rounds of queued work before the descriptors are looked at again.
  static let workRoundsPerTurn = 16
  /// A work queue that grew beyond this gives its memory back.
  static let retainedQueueCapacity = 16384
  /// The memory lent by `withScratch`: the most that one read takes from a descriptor.
  static let scratchBytes = 65536
  /// From this many timers on, cancelled ones are swept out now and then.
  static let timersBeforeSweep = 1024
}
