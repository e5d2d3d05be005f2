internal import EventLoop

/// When the whole state is written again, so that a start reads little: the log has grown by so much since the last time.
///
/// Each group is written as it stands at that moment, with what is not durable yet: the log keeps the order. Changes go on
/// meanwhile, and stand behind the group's lines or are in them. So when the last of it is durable, everything that stands before
/// the first says nothing new, and is forgotten. A crash in between leaves the old and a part of the new, which agree.
struct GroupRewrite {
  private let limitBytes: Int
  private var grownBytes = 0
  /// What the present rewrite has written, or the last one.
  private var writtenBytes = 0
  private(set) var pool: BlockingPool?
  /// Where the present rewrite has begun; nil where none is under way.
  private(set) var start: Int64?
  /// Groups that it still has to write.
  private var left: [String] = []

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  mutating func begin(_ pool: BlockingPool, grownBytes: Int) {
    self.pool = pool
    self.grownBytes = grownBytes
  }

  mutating func grew(by count: Int) { grownBytes += count }

  /// Whether it is time.
  var isDue: Bool {
    start == nil && pool != nil && grownBytes >= max(limitBytes, writtenBytes * GroupLimits.rewriteFactor)
  }

  mutating func begin(at offset: Int64, groups: [String]) {
    start = offset
    left = groups.reversed()
    (grownBytes, writtenBytes) = (0, 0)
  }

  /// The next group to be written; nil where none is left.
  mutating func next() -> String? { left.popLast() }

  mutating func wrote(_ count: Int) { writtenBytes += count }

  /// Everything is durable, or it was given up.
  mutating func end() {
    start = nil
    left = []
  }
}
