import LogRecords
import Testing

@testable import Gateway

/// Goal: the recorder counts as caught up exactly when it has passed every end.
@Suite struct RecorderProgressTests {
  private let first = TopicPartition("t", 0)
  private let second = TopicPartition("t", 1)

  @Test("Every end must be consumed; empty partitions have nothing to consume")
  func passed() {
    #expect(RecorderProgress.hasPassed([first: 0, second: 0], [:]))
    #expect(!RecorderProgress.hasPassed([first: 1], [:]))
    #expect(!RecorderProgress.hasPassed([first: 5, second: 3], [first: 5, second: 2]))
    #expect(RecorderProgress.hasPassed([first: 5, second: 3], [first: 6, second: 3]))
  }
}
