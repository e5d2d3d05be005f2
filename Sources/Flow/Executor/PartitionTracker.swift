/// Which tasks of one partition are done, and so how far the group may commit. Pure.
///
/// Tasks are added in the order of the log and completed in any order; only the contiguous prefix of completed ones is
/// committed. Beside the offset N goes a place R in the same partition of `results`, such that every result of a task at or
/// after N stands at or after R: whoever takes the partition over reads `results` from there and runs nothing again that has a
/// result. For a task that is added, every result written for it later stands behind all that are acknowledged now.
struct PartitionTracker: Sendable {
  /// What may be committed.
  struct Commit: Equatable, Sendable {
    /// The offset of the next task that is not known to be done.
    var offset: Int64
    /// Where in `results` the results of that task and of all later ones begin.
    var resultsOffset: Int64
  }

  private struct Entry {
    let offset: Int64
    let resultsOffset: Int64
    let byteCount: Int
    var isDone: Bool
  }

  /// In the order of the log; before `head` everything is done and may be forgotten.
  private var entries: [Entry] = []
  private var head = 0
  /// The offset after the last task added, or where the partition begins.
  private var nextOffset: Int64
  private var resultsOffset: Int64
  /// Where the results begin that the last owner has left; they count until the tasks they are of are behind.
  private let inheritedResultsOffset: Int64
  private let lastInheritedTask: Int64
  private var committed: Int64?
  /// Tasks added and not done.
  private(set) var unfinishedCount = 0
  /// Bytes of the tasks added and not done.
  private(set) var unfinishedBytes = 0

  /// A partition of which nothing is known to be done at or after `offset`.
  ///
  /// - Parameters:
  ///   - offset: the first task that will be added, as committed; nil where nothing was.
  ///   - inheritedResultsOffset: the place committed beside it.
  ///   - resultsEnd: the end of the results when the partition was taken over.
  ///   - lastInheritedTask: the highest task of which a result stands between the two, or -1.
  init(offset: Int64?, inheritedResultsOffset: Int64, resultsEnd: Int64, lastInheritedTask: Int64 = -1) {
    committed = offset
    nextOffset = offset ?? 0
    self.inheritedResultsOffset = inheritedResultsOffset
    self.lastInheritedTask = lastInheritedTask
    resultsOffset = max(inheritedResultsOffset, resultsEnd)
  }

  /// A task was read. Offsets grow; they may have gaps.
  mutating func add(_ offset: Int64, byteCount: Int) {
    precondition(offset >= nextOffset, "tasks come in the order of the log")
    nextOffset = offset + 1
    entries.append(
      Entry(offset: offset, resultsOffset: resultsPlace(of: offset), byteCount: byteCount, isDone: false))
    unfinishedCount += 1
    unfinishedBytes += byteCount
  }

  private func resultsPlace(of offset: Int64) -> Int64 {
    offset <= lastInheritedTask ? inheritedResultsOffset : resultsOffset
  }

  /// A task is done for good: its result is on the log, at `resultOffset` where it was written by this owner.
  mutating func complete(_ offset: Int64, resultOffset: Int64? = nil) {
    if let resultOffset { resultsOffset = max(resultsOffset, resultOffset + 1) }
    guard let index = index(of: offset), !entries[index].isDone else { return }
    entries[index].isDone = true
    unfinishedCount -= 1
    unfinishedBytes -= entries[index].byteCount
    while head < entries.count, entries[head].isDone { head += 1 }
    if head > 1024, head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
  }

  private func index(of offset: Int64) -> Int? {
    var (low, high) = (head, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].offset < offset { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].offset == offset ? low : nil
  }

  /// Whether everything added is done.
  var isIdle: Bool { unfinishedCount == 0 }

  /// What may be committed now; nil where it is committed already, or nothing was ever read.
  var due: Commit? {
    let first = head < entries.count ? entries[head] : nil
    let offset = first?.offset ?? nextOffset
    guard offset != committed, !(entries.isEmpty && committed == nil) else { return nil }
    return Commit(offset: offset, resultsOffset: first?.resultsOffset ?? resultsPlace(of: offset))
  }

  /// Tasks done beyond what is committed.
  var uncommittedCount: Int {
    guard let due else { return 0 }
    return Int(clamping: due.offset - (committed ?? 0))
  }

  /// A commit was answered well.
  mutating func committed(_ commit: Commit) { committed = max(committed ?? 0, commit.offset) }
}
