import KafkaWire
import SimulationKit
import Testing

@testable import EmbeddedBroker

/// How far groups have come: what is seen when, and what goes.
@Suite struct GroupsOffsetsTests {
  private let partition = PartitionName("t", 0)

  private func offset(_ offset: Int64, at milliseconds: Int64 = 0) -> CommittedOffset {
    CommittedOffset(offset: offset, leaderEpoch: -1, metadata: "", committedMilliseconds: milliseconds)
  }

  private func change(_ offset: CommittedOffset?, _ partition: PartitionName? = nil) -> OffsetStore.Change {
    OffsetStore.Change(partition: partition ?? self.partition, offset: offset)
  }

  @Test func `an offset is seen once it is durable`() {
    var store = OffsetStore()
    let place = store.appended([change(offset(5))], of: "g")
    #expect(store.offset(of: "g", partition) == nil)
    #expect(store.latest(of: "g").map(\.offset.offset) == [5])
    #expect(store.hasAny(of: "g"))
    store.settled([change(offset(5))], of: "g", at: place)
    #expect(store.offset(of: "g", partition)?.offset == 5)
    #expect(store.offset(of: "other", partition) == nil)
  }

  @Test func `a later change stands where an earlier one settles`() {
    var store = OffsetStore()
    let first = store.appended([change(offset(5))], of: "g")
    let second = store.appended([change(offset(9))], of: "g")
    store.settled([change(offset(5))], of: "g", at: first)
    #expect(store.offset(of: "g", partition)?.offset == 5)
    #expect(store.latest(of: "g").map(\.offset.offset) == [9])
    store.settled([change(offset(9))], of: "g", at: second)
    #expect(store.offset(of: "g", partition)?.offset == 9)
  }

  @Test func `what is taken out leaves nothing behind`() {
    var store = OffsetStore()
    store.replayed(change(offset(5)), of: "g")
    let removal = store.removal(of: "g") { $0.topic == "t" }
    let place = store.appended(removal, of: "g")
    #expect(store.offset(of: "g", partition)?.offset == 5, "it is there until its removal is durable")
    #expect(store.latest(of: "g").isEmpty)
    #expect(store.count == 1)
    store.settled(removal, of: "g", at: place)
    #expect(!store.hasAny(of: "g"))
    #expect(store.count == 0)
  }

  @Test func `an offset that is committed again while it is taken out stays`() {
    var store = OffsetStore()
    store.replayed(change(offset(5)), of: "g")
    let removal = store.removal(of: "g") { _ in true }
    let removing = store.appended(removal, of: "g")
    let again = store.appended([change(offset(6))], of: "g")
    store.settled(removal, of: "g", at: removing)
    #expect(store.latest(of: "g").map(\.offset.offset) == [6])
    store.settled([change(offset(6))], of: "g", at: again)
    #expect(store.offset(of: "g", partition)?.offset == 6)
  }

  @Test func `offsets run out seven days after the group became empty`() {
    var store = OffsetStore()
    let week = GroupLimits.offsetRetentionMilliseconds
    store.replayed(change(offset(5, at: 100)), of: "g")
    #expect(store.expiry(of: "g", emptySince: 1000, now: week + 999).isEmpty)
    #expect(store.expiry(of: "g", emptySince: 1000, now: week + 1000) == [change(nil)])
    #expect(store.expiry(of: "g", emptySince: nil, now: week + 99).isEmpty)
    #expect(store.expiry(of: "g", emptySince: nil, now: week + 100) == [change(nil)])
  }

  @Test func `a note may have 4096 bytes`() {
    #expect(OffsetStore.verdict(onMetadata: String(repeating: "x", count: 4_096)) == ErrorCode.none)
    #expect(OffsetStore.verdict(onMetadata: String(repeating: "x", count: 4_097)) == .offsetMetadataTooLarge)
  }

  /// Goal: whatever is appended, settled in order, and read back, the store agrees with a plain list of changes.
  @Test func `the store agrees with the log`() throws {
    try SeededProperty.holds(forSeeds: 100) { random in
      var store = OffsetStore()
      var log: [(group: String, changes: [OffsetStore.Change], place: OffsetStore.Place)] = []
      var settled = 0
      for step in 0..<200 {
        if random.isOne(in: 2), settled < log.count {
          let next = log[settled]
          store.settled(next.changes, of: next.group, at: next.place)
          settled += 1
        } else {
          let group = "g\(Int.random(in: 0..<3, using: &random))"
          let changes = (0..<Int32.random(in: 1...3, using: &random)).map { index in
            change(random.isOne(in: 3) ? nil : offset(Int64(step)), PartitionName("t", index))
          }
          log.append((group, changes, store.appended(changes, of: group)))
        }
        var (durable, all) = (OffsetStore(), OffsetStore())
        for (index, entry) in log.enumerated() {
          for change in entry.changes {
            if index < settled { durable.replayed(change, of: entry.group) }
            all.replayed(change, of: entry.group)
          }
        }
        for group in ["g0", "g1", "g2"] {
          try SeededProperty.claim(
            store.offsets(of: group).map(\.offset) == durable.offsets(of: group).map(\.offset),
            "\(group) is seen wrongly")
          try SeededProperty.claim(
            store.latest(of: group).map(\.offset) == all.offsets(of: group).map(\.offset), "\(group) would be lost")
        }
        try SeededProperty.claim(
          settled < log.count || store.count == durable.count, "\(store.count) offsets are counted")
      }
    }
  }
}
