import LogRecords
import SimulationKit
import Testing

@testable import Builder

struct SubmissionQueueTests {
  private func record(_ partition: Int32, _ offset: Int64, of function: String) -> ConsumedRecord {
    ConsumedRecord(
      position: RecordPosition(TopicPartition("t", partition), offset: offset), timestampMilliseconds: 0,
      key: Array(function.utf8), value: nil, headers: RecordHeaders())
  }

  /// Goal: others go on beside a function's submission, and the function's own next one waits for it.
  @Test func `one function one after the other, others beside it`() {
    var queue = SubmissionQueue(limit: 4, together: 3)
    queue.assign(TopicPartition("t", 0))
    queue.add([
      record(0, 0, of: "a"), record(0, 1, of: "a"), record(0, 2, of: "b"), record(0, 3, of: "c"), record(0, 4, of: "d"),
    ])
    let turns = (0..<4).map { _ in queue.next() }
    #expect(turns.map { $0?.record.position.offset } == [0, 2, 3, nil], "three at once, and not the second of a")
    let first = queue.finish(turns[1]!)
    #expect(first == nil, "offset 0 has not come to something")
    let second = queue.finish(turns[0]!)
    #expect(second == 1, "up to the second of a, which waits")
    let next = queue.next()
    #expect(next?.record.position.offset == 1)
    let third = queue.finish(next!)
    #expect(third == 3)
  }

  /// Goal: it asks for no more when full, and goes on at half.
  @Test func `a bound on what waits`() {
    var queue = SubmissionQueue(limit: 3, together: 1)
    queue.add((0..<4).map { record(0, $0, of: "f\($0)") })
    let first = queue.next()
    #expect(first != nil && queue.isFull && !queue.isRoomy)
    _ = queue.finish(first!)
    _ = queue.next().map { queue.finish($0) }
    _ = queue.next().map { queue.finish($0) }
    #expect(!queue.isFull && queue.isRoomy)
  }

  /// Goal: what is forgotten holds the commit back, so that the next owner reads it.
  @Test func `a forgotten submission is never committed over`() {
    var queue = SubmissionQueue(limit: 9, together: 2)
    let (mine, other) = (TopicPartition("t", 0), TopicPartition("t", 1))
    queue.assign(mine)
    queue.add([record(0, 5, of: "a"), record(0, 6, of: "a"), record(0, 7, of: "b"), record(1, 0, of: "c")])
    let (five, seven) = (queue.next()!, queue.next()!)
    let isUnderWay = queue.forget([mine])
    #expect(isUnderWay && !queue.isUnderWay([other]))
    let afterSeven = queue.finish(seven)
    let afterFive = queue.finish(five)
    #expect(afterSeven == nil && afterFive == 6)
    let isLeft = queue.forget([mine])
    let next = queue.next()
    #expect(!isLeft && next?.record.position.partition == other)
  }

  /// Goal: what ends after its partition was lost and came back says nothing of the records that are read again.
  @Test func `an end of an earlier assignment is not committed`() {
    var queue = SubmissionQueue(limit: 9, together: 2)
    let partition = TopicPartition("t", 0)
    queue.assign(partition)
    queue.add([record(0, 5, of: "a")])
    let stale = queue.next()!
    _ = queue.forget([partition])
    queue.assign(partition)
    queue.add([record(0, 5, of: "a"), record(0, 6, of: "b")])
    let staleEnd = queue.finish(stale)
    #expect(staleEnd == nil)
    let again = queue.next()!
    let end = queue.finish(again)
    #expect(again.record.position.offset == 5 && end == 6)
  }

  /// Goal: whatever ends in whatever order, commits ascend, never pass what is open, and reach the end.
  @Test func `commits ascend to the end`() throws {
    try SeededProperty.holds(forSeeds: 200) { generator in
      var queue = SubmissionQueue(limit: 1_000, together: 4)
      queue.assign(TopicPartition("t", 0))
      let count = Int64.random(in: 1...40, using: &generator)
      queue.add((0..<count).map { record(0, $0, of: "f\(Int.random(in: 0..<6, using: &generator))") })
      var (underWay, ended, committed): ([SubmissionQueue.Turn], Set<Int64>, Int64) = ([], [], 0)
      while ended.count < Int(count) {
        while let turn = queue.next() { underWay.append(turn) }
        #expect(!underWay.isEmpty && underWay.count <= 4)
        #expect(Set(underWay.map(\.record.key)).count == underWay.count)
        let turn = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &generator))
        ended.insert(turn.record.position.offset)
        guard let offset = queue.finish(turn) else { continue }
        #expect(offset > committed && (0..<offset).allSatisfy(ended.contains))
        committed = offset
      }
      #expect(committed == count)
    }
  }
}
