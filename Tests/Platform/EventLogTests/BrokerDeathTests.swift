import EventLog
import EventLoop
import LogRecords
import RealServers
import Testing

extension LogClientTests {
  @Suite(
    .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)), .timeLimit(.minutes(5))
  )
  struct BrokerDeathTests {
    /// Goal: the broker is killed under load and comes back. Every acknowledged record is there exactly once, in order, at the
    /// offset it was acknowledged with, and the consumer that was there all the time has been handed the same.
    @Test func `a killed broker loses nothing acknowledged`() async throws {
      let broker = Broker(fixture: try await ApacheKafkaFixture.start())
      defer { broker.fixture.stop() }
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 2)
        let producer = try LogProducer(loop: loop, options: broker.options)
        let member = Member("m")
        let seen = Seen()
        member.handled = { seen.take($1) }
        try member.join(loop, broker.options, group: topic, topic: topic)
        let load = Load(producer, topic)
        load.keepSending()
        await load.condition.wait { load.acknowledged.count > 5000 }
        for round in 1...2 {
          let before = load.acknowledged.count
          try await broker.fixture.kill()
          try await broker.fixture.resume()
          await load.condition.wait { load.acknowledged.count > before + 5000 * round }
        }
        load.isStopping = true
        await load.condition.wait { load.waiting == 0 }
        #expect(load.failed.isEmpty)
        for partition in [TopicPartition(topic, 0), TopicPartition(topic, 1)] {
          let records = try await Reading.all(loop, broker.options, partition)
          let sent = load.acknowledged.filter { $0.value.partition == partition }
          // An acknowledgement that died with the broker is repeated without its offset (-1); the record is there once.
          for (value, position) in sent where position.offset >= 0 {
            #expect(number(records[Int(position.offset)]) == value)
          }
          let isExact = records.map(number) == sent.keys.sorted()
          #expect(isExact, "\(records.count) records, \(sent.count) acknowledged")
          // A broker that is away for longer than the session's timeout costs the membership: what was not committed is
          // then read again, from the beginning, for nothing was committed. Nothing is left out, and nothing else is there.
          await member.condition.wait { seen.offsets[partition, default: []].count >= records.count }
          #expect(seen.offsets[partition] == Set(records.map(\.position.offset)))
          #expect(seen.leaps.isEmpty)
        }
        await member.consumer.close()
        await producer.close()
      }
    }

    /// What a member was handed, and where it was handed a record before the one in front of it.
    private final class Seen {
      private(set) var offsets: [TopicPartition: Set<Int64>] = [:]
      private(set) var leaps: [RecordPosition] = []
      private var last: [TopicPartition: Int64] = [:]

      func take(_ records: [ConsumedRecord]) {
        for position in records.map(\.position) {
          if position.offset > last[position.partition, default: -1] + 1 { leaps.append(position) }
          last[position.partition] = position.offset
          offsets[position.partition, default: []].insert(position.offset)
        }
      }
    }

    /// Numbered records, a bounded number on their way at any time.
    private final class Load {
      let producer: LogProducer
      let topic: String
      let condition = Condition()
      var next = 0
      var waiting = 0
      var acknowledged: [Int: RecordPosition] = [:]
      var failed: [Int: EventLogError] = [:]
      var isStopping = false

      init(_ producer: LogProducer, _ topic: String) {
        self.producer = producer
        self.topic = topic
      }

      func keepSending() {
        while waiting < 500, !isStopping {
          let value = next
          next += 1
          waiting += 1
          let record = OutgoingRecord(
            topic: topic, partition: Int32(value % 2), key: nil, value: bytes("\(value)"), headers: RecordHeaders())
          producer.send(record) { [self] result in
            waiting -= 1
            switch result {
            case .success(let position): acknowledged[value] = position
            case .failure(let error): failed[value] = error
            }
            keepSending()
            condition.changed()
          }
        }
      }
    }
  }
}
