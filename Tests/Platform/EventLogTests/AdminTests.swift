import EventLog
import EventLoop
import LogRecords
import RealServers
import Testing

extension LogClientTests {
  @Suite(
    .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)), .timeLimit(.minutes(3))
  )
  struct AdminTests {
    /// Goal: what is created is described, what is changed shows, what is deleted is gone.
    @Test func `topics live and die`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let admin = try LogAdmin(loop: loop, options: broker.options)
        let name = Broker.newName("managed")
        let specification = TopicSpecification(
          name: name, partitionCount: 3, configuration: ["retention.ms": "60000", "cleanup.policy": "compact"])
        try await admin.createTopics([specification])
        let found = try await AdminTests.description(of: name, admin, loop) { $0 != nil }
        #expect(found?.partitionCount == 3)
        #expect(found?.replicationFactor == 1)
        await #expect { try await admin.createTopics([specification]) } throws: {
          ($0 as? EventLogError)?.code == .topicExists
        }
        var settings = try await admin.settings(ofTopic: name)
        #expect(settings["retention.ms"] == TopicSetting(value: "60000", isSetForTopic: true))
        #expect(settings["max.message.bytes"]?.isSetForTopic == false)

        try await admin.alterSettings(ofTopic: name, ["max.message.bytes": "2000000", "cleanup.policy": nil])
        repeat {
          settings = try await admin.settings(ofTopic: name)
        } while settings["max.message.bytes"]?.value != "2000000"
        #expect(settings["max.message.bytes"] == TopicSetting(value: "2000000", isSetForTopic: true))
        #expect(settings["retention.ms"] == TopicSetting(value: "60000", isSetForTopic: true))
        #expect(settings["cleanup.policy"] == TopicSetting(value: "delete", isSetForTopic: false))

        try await admin.createPartitions(name, count: 5)
        _ = try await AdminTests.description(of: name, admin, loop) { $0?.partitionCount == 5 }
        await #expect { try await admin.createPartitions(name, count: 2) } throws: {
          ($0 as? EventLogError)?.code == .invalidRequest
        }

        try await admin.deleteTopic(name)
        _ = try await AdminTests.description(of: name, admin, loop) { $0 == nil }
        await #expect { try await admin.settings(ofTopic: name) } throws: {
          ($0 as? EventLogError)?.code == .unknownTopic
        }
        #expect(try await admin.brokerCount(within: .seconds(5)) == 1)
        await admin.close()
      }
    }

    /// A broker learns of a change a moment after the controller has answered.
    private static func description(
      of name: String, _ admin: LogAdmin, _ loop: EventLoop, until isExpected: (TopicDescription?) -> Bool
    ) async throws -> TopicDescription? {
      while true {
        let found = try await admin.topics()[name]
        if isExpected(found) { return found }
        try await loop.sleep(for: .milliseconds(10))
      }
    }

    /// Goal: offsets of many partitions, by end and by time.
    @Test func `offsets are found`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 4)
        let admin = try LogAdmin(loop: loop, options: broker.options)
        let producer = try LogProducer(loop: loop, options: broker.options)
        for partition in 0..<Int32(3) {
          for _ in 0...partition {
            _ = try await producer.send(
              OutgoingRecord(topic: topic, partition: partition, key: nil, value: [1], headers: RecordHeaders()))
          }
        }
        let partitions = (0..<Int32(4)).map { TopicPartition(topic, $0) }
        let ends = try await admin.endOffsets(partitions)
        #expect(partitions.map { ends[$0] } == [1, 2, 3, 0])
        let both = try await admin.ends(partitions)
        #expect(partitions.map { both[$0] } == [1, 2, 3, 0].map { PartitionEnds(beginning: 0, end: $0) })
        let first = try await admin.offsets(partitions, atMilliseconds: 0)
        #expect(partitions.map { first[$0] } == [0, 0, 0, 0])
        let future = try await admin.offsets(partitions, atMilliseconds: 9_999_999_999_999)
        #expect(partitions.map { future[$0] } == [1, 2, 3, 0])
        await #expect { try await admin.endOffsets([TopicPartition("no-such-topic", 0)]) } throws: {
          $0 is EventLogError
        }
        await producer.close()
        await admin.close()
      }
    }
  }
}
