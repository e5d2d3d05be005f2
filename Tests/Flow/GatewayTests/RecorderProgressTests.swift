import EventLog
import LogRecords
import Testing

@testable import Gateway

/// Goal: the recorder counts as caught up exactly when it has passed every end.
@Suite struct RecorderProgressTests {
  private let first = TopicPartition("t", 0)
  private let second = TopicPartition("t", 1)

  private func ends(_ beginning: Int64, _ end: Int64) -> PartitionEnds {
    PartitionEnds(beginning: beginning, end: end)
  }

  @Test("Every end must be consumed; empty partitions have nothing to consume")
  func passed() {
    #expect(RecorderProgress.hasPassed([first: ends(0, 0), second: ends(0, 0)], [:]))
    #expect(!RecorderProgress.hasPassed([first: ends(0, 1)], [:]))
    #expect(!RecorderProgress.hasPassed([first: ends(0, 5), second: ends(0, 3)], [first: 5, second: 2]))
    #expect(RecorderProgress.hasPassed([first: ends(0, 5), second: ends(0, 3)], [first: 6, second: 3]))
  }

  @Test("Records that have all expired are none, whether a recorder was ever there or not")
  func expired() {
    #expect(RecorderProgress.hasPassed([first: ends(7, 7)], [:]))
    #expect(RecorderProgress.hasPassed([first: ends(7, 7)], [first: 3]))
    #expect(!RecorderProgress.hasPassed([first: ends(7, 8)], [:]))
    #expect(!RecorderProgress.hasPassed([first: ends(7, 8)], [first: 7]))
  }
}
