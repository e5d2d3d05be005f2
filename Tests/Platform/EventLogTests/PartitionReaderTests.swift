import EventLog
import EventLoop
import LogRecords
import RealServers
import Testing

extension LogClientTests {
  @Suite(
    .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)), .timeLimit(.minutes(3))
  )
  struct PartitionReaderTests {
    /// Goal: every way to begin, and the end of each partition with its offset.
    @Test func `a reader begins where it is told`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 2)
        let (full, empty) = (TopicPartition(topic, 0), TopicPartition(topic, 1))
        let producer = try LogProducer(loop: loop, options: broker.options)
        try await producer.sendNumbers(0..<5, to: topic)
        try await loop.sleep(for: .milliseconds(5))
        try await producer.sendNumbers(5..<10, to: topic)
        let reading = try Reading(loop, broker.options)
        reading.reader.add([full: .earliest, empty: .earliest])
        await reading.condition.wait { reading.ends == [full: 10, empty: 0] }
        #expect(reading.records.map(number) == Array(0..<10))
        let time = reading.records[5].timestampMilliseconds

        func readAgain(_ start: PartitionReader.Start, _ expected: Range<Int>) async {
          reading.clear()
          reading.reader.remove([full])
          var reached = false
          reading.reader.reachedEnd = { partition, _ in
            reached = partition == full
            reading.condition.changed()
          }
          reading.reader.add([full: start])
          await reading.condition.wait { reached }
          #expect(reading.records.map(number) == Array(expected), "from \(start)")
        }
        await readAgain(.offset(8), 8..<10)
        await readAgain(.latest, 10..<10)
        await readAgain(.timestamp(milliseconds: time), 5..<10)
        await readAgain(.timestamp(milliseconds: 9_999_999_999_999), 10..<10)
        await readAgain(.offset(1000), 0..<10)
        await reading.reader.close()
        await producer.close()
      }
    }

    /// Goal: seeking drops what was fetched before, pausing keeps it, and the end is told again after new records.
    @Test func `a reader seeks and pauses`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        let partition = TopicPartition(topic, 0)
        let producer = try LogProducer(loop: loop, options: broker.options)
        try await producer.sendNumbers(0..<3000, to: topic)
        let reading = try Reading(loop, broker.options)
        let forward = reading.reader.received
        reading.reader.received = { partition, records in
          forward?(partition, records)
          reading.reader.pause([partition])
        }
        reading.reader.add([partition: .earliest])
        await reading.condition.wait { !reading.records.isEmpty }
        let first = reading.records.count
        #expect(first <= 256)
        reading.reader.resume([partition])
        await reading.condition.wait { reading.records.count > first }
        #expect(reading.records.map(number) == Array(0..<reading.records.count))
        reading.reader.received = forward
        reading.clear()
        reading.reader.seek(partition, to: .offset(2990))
        reading.reader.resume([partition])
        await reading.condition.wait { reading.ends[partition] == 3000 }
        #expect(reading.records.map(number) == Array(2990..<3000))
        try await producer.sendNumbers(3000..<3001, to: topic)
        await reading.condition.wait { reading.ends[partition] == 3001 }
        #expect(reading.records.map(number) == Array(2990..<3001))
        await reading.reader.close()
        await producer.close()
      }
    }

    /// Goal: a partition that is given up with records waiting can be read again at once, again and again.
    @Test func `a reader comes back to a partition`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        let partition = TopicPartition(topic, 0)
        let producer = try LogProducer(loop: loop, options: broker.options)
        try await producer.sendNumbers(0..<1000, to: topic)
        let reading = try Reading(loop, broker.options)
        for first in 0..<20 {
          reading.clear()
          reading.reader.add([partition: .offset(Int64(first))])
          await reading.condition.wait { !reading.records.isEmpty }
          #expect(number(reading.records[0]) == first)
          reading.reader.remove([partition])
        }
        await reading.reader.close()
        await producer.close()
      }
    }

    /// Goal: a partition that is not there is an error, not silence.
    @Test func `an unknown topic is reported`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let reading = try Reading(loop, broker.options)
        reading.reader.add([TopicPartition("no-such-topic", 0): .earliest])
        await reading.condition.wait { !reading.errors.isEmpty }
        #expect(reading.errors.first?.code == .unknownTopic)
        await reading.reader.close()
      }
    }
  }
}
