import SimulationKit
import Testing

@testable import Executor

struct PartitionTrackerTests {
  /// Goal: only the contiguous prefix of finished tasks is committed, also where offsets have gaps.
  @Test func `a transcript`() {
    var tracker = PartitionTracker(offset: 10, inheritedResultsOffset: 3, resultsEnd: 7)
    #expect(tracker.due == nil)
    tracker.add(10, byteCount: 5)
    tracker.add(11, byteCount: 6)
    tracker.add(14, byteCount: 7)
    #expect(tracker.unfinishedCount == 3)
    #expect(tracker.unfinishedBytes == 18)
    tracker.complete(11, resultOffset: 7)
    #expect(tracker.due == nil)
    tracker.complete(10, resultOffset: 8)
    #expect(tracker.due == PartitionTracker.Commit(offset: 14, resultsOffset: 7))
    tracker.committed(tracker.due!)
    #expect(tracker.due == nil)
    tracker.add(15, byteCount: 1)
    tracker.complete(14, resultOffset: 9)
    #expect(tracker.due == PartitionTracker.Commit(offset: 15, resultsOffset: 9))
    tracker.complete(15, resultOffset: 10)
    #expect(tracker.due == PartitionTracker.Commit(offset: 16, resultsOffset: 11))
    #expect(tracker.isIdle)
    #expect(tracker.uncommittedCount == 2)
  }

  /// Goal: a group that has never committed commits nothing before it has read something.
  @Test func `nothing is committed of nothing`() {
    var tracker = PartitionTracker(offset: nil, inheritedResultsOffset: 0, resultsEnd: 0)
    #expect(tracker.due == nil)
    tracker.add(5, byteCount: 0)
    #expect(tracker.due == PartitionTracker.Commit(offset: 5, resultsOffset: 0))
  }

  /// Goal: results that the last owner has left count until their tasks are behind.
  @Test func `inherited results are not passed`() {
    var tracker = PartitionTracker(offset: 0, inheritedResultsOffset: 2, resultsEnd: 20, lastInheritedTask: 2)
    for offset in 0..<Int64(4) { tracker.add(offset, byteCount: 0) }
    tracker.complete(0, resultOffset: 21)
    #expect(tracker.due == PartitionTracker.Commit(offset: 1, resultsOffset: 2))
    tracker.complete(1)
    tracker.complete(2)
    #expect(tracker.due == PartitionTracker.Commit(offset: 3, resultsOffset: 20))
  }

  /// Goal: for any order of completions, crashes and new owners: a commit never passes an unfinished task, and every result of a
  /// task at or after the committed offset stands at or after the committed place, so that a new owner finds all of them.
  @Test func `a new owner finds every result`() throws {
    try SeededProperty.holds { generator in
      var results: [Int64] = []
      var committed: PartitionTracker.Commit?
      let end = Int64.random(in: 1...200, using: &generator)
      for _ in 0..<4 {
        let start = committed?.offset ?? 0
        let place = committed?.resultsOffset ?? 0
        let found = results[Int(place)...].filter { $0 >= start }
        let missed = results[..<Int(place)].filter { $0 >= start }
        try SeededProperty.claim(missed.isEmpty, "results of \(missed) stand before \(place), committed is \(start)")
        var tracker = PartitionTracker(
          offset: committed?.offset, inheritedResultsOffset: place, resultsEnd: Int64(results.count),
          lastInheritedTask: found.max() ?? -1)
        var next = start
        var running: [Int64] = []
        for _ in 0..<Int.random(in: 0..<200, using: &generator) {
          if next < end, Bool.random(using: &generator) {
            tracker.add(next, byteCount: 1)
            if found.contains(next) { tracker.complete(next) } else { running.append(next) }
            next += 1
          } else if let index = running.indices.randomElement(using: &generator) {
            let task = running.remove(at: index)
            results.append(task)
            tracker.complete(task, resultOffset: generator.isOne(in: 5) ? nil : Int64(results.count - 1))
          }
          if let due = tracker.due, generator.isOne(in: 3) {
            try SeededProperty.claim(running.allSatisfy { $0 >= due.offset }, "passes an unfinished task")
            try SeededProperty.claim(due.offset <= next, "passes what was read")
            tracker.committed(due)
            committed = due
          }
        }
        try SeededProperty.claim(tracker.unfinishedCount == running.count, "count")
        // A result may be on the log whose acknowledgement the old owner never saw.
        if let last = running.last, generator.isOne(in: 2) { results.append(last) }
      }
    }
  }

  /// Goal: the text beside the offset is read back, and a stranger's is not taken for ours.
  @Test func `commit metadata`() {
    #expect(CommitMetadata.resultsOffset(CommitMetadata.text(resultsOffset: 42)) == 42)
    for text in [nil, "", "results@", "results@-1", "results@x", "42"] as [String?] {
      #expect(CommitMetadata.resultsOffset(text) == nil)
    }
  }
}
