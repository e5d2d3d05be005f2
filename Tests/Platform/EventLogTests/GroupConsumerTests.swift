import EventLog
import EventLoop
import LogRecords
import RealServers
import Testing

extension LogClientTests {
  @Suite(
    .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)), .timeLimit(.minutes(3))
  )
  struct GroupConsumerTests {
    /// Goal: a group begins at the oldest record, and where it has committed after that, with the text beside the offset.
    @Test func `commits are where the next member begins`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        let partition = TopicPartition(topic, 0)
        let producer = try LogProducer(loop: loop, options: broker.options)
        try await producer.sendNumbers(0..<10, to: topic)
        let first = Member("first")
        try first.join(loop, broker.options, group: topic, topic: topic)
        await first.condition.wait { first.records.count == 10 }
        #expect(
          first.assignments == [AssignedPartition(partition: partition, committedOffset: nil, committedMetadata: nil)])
        #expect(first.consumer.lag(partition) == 0)
        try await first.commit([partition: (7, "results@42 – ü")])
        await first.consumer.close()

        let second = Member("second")
        try second.join(loop, broker.options, group: topic, topic: topic)
        await second.condition.wait { second.records.count == 3 }
        #expect(second.records.map(number) == [7, 8, 9])
        #expect(
          second.assignments == [
            AssignedPartition(partition: partition, committedOffset: 7, committedMetadata: "results@42 – ü")
          ])
        await second.consumer.close()
        await #expect { try await second.commit([partition: (8, "")]) } throws: {
          ($0 as? EventLogError)?.code == .closed
        }
        await producer.close()
      }
    }

    /// Goal: the owner decides where to begin, also elsewhere than where the group is.
    @Test func `an owner begins where it wants`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        let producer = try LogProducer(loop: loop, options: broker.options)
        try await producer.sendNumbers(0..<10, to: topic)
        let member = Member("m")
        member.assigned = { $0.consumer.start($1.partition, at: .offset(4)) }
        try member.join(loop, broker.options, group: topic, topic: topic)
        await member.condition.wait { member.records.count >= 6 }
        #expect(member.records.map(number) == [4, 5, 6, 7, 8, 9])
        await member.consumer.close()
        await producer.close()
      }
    }

    /// Goal: a paused partition delivers nothing, the other goes on, and nothing is lost or repeated by resuming.
    @Test func `pausing holds one partition`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 2)
        let held = TopicPartition(topic, 0)
        let producer = try LogProducer(loop: loop, options: broker.options)
        let member = Member("m")
        member.handled = { member, records in
          if records[0].position.partition == held { member.consumer.pause([held]) }
        }
        try member.join(loop, broker.options, group: topic, topic: topic)
        try await producer.sendNumbers(0..<4000, to: topic, partitions: 2)
        await member.condition.wait { member.records.count { $0.position.partition != held } == 2000 }
        #expect(member.records.count { $0.position.partition == held } <= 256)
        member.handled = nil
        member.consumer.resume([held])
        await member.condition.wait { member.records.count == 4000 }
        #expect(member.records.filter { $0.position.partition == held }.map(number) == (0..<2000).map { $0 * 2 })
        await member.consumer.close()
        await producer.close()
      }
    }

    /// Goal: a second member takes over half, after the first has drained and committed; no record is handled twice.
    @Test func `a revocation is drained`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 4)
        let producer = try LogProducer(loop: loop, options: broker.options)
        let first = Member("first")
        let second = Member("second")
        for member in [first, second] {
          member.revoked = { member, partitions, done in
            var offsets: [TopicPartition: GroupConsumer.Commit] = [:]
            for record in member.records where partitions.contains(record.position.partition) {
              offsets[record.position.partition] = (record.position.offset + 1, "")
            }
            member.consumer.commit(offsets) { result in
              if case .failure(let error) = result { Issue.record("commit while draining: \(error)") }
              done()
            }
          }
        }
        try first.join(loop, broker.options, group: topic, topic: topic)
        await first.condition.wait { first.consumer.partitions.count == 4 }
        try await producer.sendNumbers(0..<400, to: topic, partitions: 4)
        await first.condition.wait { first.records.count == 400 }
        try second.join(loop, broker.options, group: topic, topic: topic)
        await second.condition.wait { second.consumer.partitions.count == 2 }
        #expect(first.consumer.partitions.count == 2)
        #expect(first.revocations.flatMap { $0 }.count == 2)
        #expect(first.losses.isEmpty)
        try await producer.sendNumbers(400..<800, to: topic, partitions: 4)
        await first.condition.wait { first.records.count == 600 }
        await second.condition.wait { second.records.count == 200 }
        #expect((first.records + second.records).map(number).sorted() == Array(0..<800))
        await first.consumer.close()
        await second.condition.wait { second.consumer.partitions.count == 4 }
        try await producer.sendNumbers(800..<1200, to: topic, partitions: 4)
        await second.condition.wait { second.records.count == 600 }
        #expect((first.records + second.records).map(number).sorted() == Array(0..<1200))
        await second.consumer.close()
        await producer.close()
      }
    }

    /// Goal: an owner that never finishes draining loses the partitions at its deadline, and the group goes on.
    @Test func `draining has a deadline`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 2)
        var settings = GroupConsumer.Settings()
        settings.revocationDeadline = .milliseconds(200)
        let first = Member("first")
        let second = Member("second")
        first.revoked = { _, _, _ in }
        try first.join(loop, broker.options, group: topic, topic: topic, settings: settings)
        await first.condition.wait { first.consumer.partitions.count == 2 }
        try second.join(loop, broker.options, group: topic, topic: topic, settings: settings)
        await second.condition.wait { second.consumer.partitions.count == 1 }
        #expect(first.revocations.count == 1)
        await first.consumer.close()
        await second.consumer.close()
      }
    }

    /// Goal: a static member that comes back in time finds its own partitions, and the other member notices nothing.
    @Test func `a static member keeps its partitions`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 4)
        var settings = GroupConsumer.Settings()
        settings.sessionTimeout = .seconds(30)
        let stable = Member("stable")
        let restarting = Member("restarting")
        try stable.join(loop, broker.options, group: topic, topic: topic, instanceID: "a", settings: settings)
        await stable.condition.wait { stable.consumer.partitions.count == 4 }
        try restarting.join(loop, broker.options, group: topic, topic: topic, instanceID: "b", settings: settings)
        await restarting.condition.wait { restarting.consumer.partitions.count == 2 }
        let before = Set(restarting.consumer.partitions)
        let rebalances = stable.consumer.counters.rebalances
        await restarting.consumer.close()
        let again = Member("again")
        try again.join(loop, broker.options, group: topic, topic: topic, instanceID: "b", settings: settings)
        await again.condition.wait { again.consumer.partitions.count == 2 }
        #expect(Set(again.consumer.partitions) == before)
        #expect(stable.consumer.counters.rebalances == rebalances)
        await again.consumer.close()
        await stable.consumer.close()
      }
    }
  }
}
