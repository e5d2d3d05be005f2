import EventLog
import EventLoop
import LogRecords
import RealServers
import SimulationKit
import Testing

extension LogClientTests {
  @Suite(
    .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)), .timeLimit(.minutes(3))
  )
  struct ProducerTests {
    /// Goal: what goes in comes out: keys, values, headers and their absence, from nothing to 6 MiB.
    @Test func `a record comes back as it was sent`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, settings: ["max.message.bytes": "9437184"])
        let producer = try LogProducer(loop: loop, options: broker.options)
        var headers = RecordHeaders()
        headers.append("ce_id", "1")
        headers.append("ce_id", "2")
        headers.append("empty", "")
        headers.append("bytes", bytes: [0, 255, 10])
        var generator = SeededGenerator(seed: 1)
        let large = generator.bytes(count: (6 << 20)...(6 << 20))
        let sent: [OutgoingRecord] = [
          OutgoingRecord(topic: topic, partition: 0, key: bytes("k"), value: bytes("v"), headers: headers),
          OutgoingRecord(topic: topic, partition: 0, key: nil, value: [], headers: RecordHeaders()),
          OutgoingRecord(topic: topic, partition: 0, key: [], value: nil, headers: RecordHeaders()),
          OutgoingRecord(topic: topic, partition: 0, key: bytes("large"), value: large, headers: headers),
        ]
        for (index, record) in sent.enumerated() {
          let position = try await producer.send(record)
          #expect(position == RecordPosition(TopicPartition(topic, 0), offset: Int64(index)))
        }
        let received = try await Reading.all(loop, broker.options, TopicPartition(topic, 0))
        #expect(received.map(\.key) == sent.map(\.key))
        #expect(received.map(\.value) == sent.map(\.value))
        #expect(received.map(\.headers) == sent.map(\.headers))
        #expect(received.map(\.position.offset) == [0, 1, 2, 3])
        #expect(received.allSatisfy { $0.timestampMilliseconds > 1_600_000_000_000 })
        await producer.close()
      }
    }

    /// Goal: one partition keeps the order of `send`, and acknowledgements come in it.
    @Test func `records stay in order`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        let producer = try LogProducer(loop: loop, options: broker.options)
        let condition = Condition()
        var acknowledged: [Int64] = []
        for number in 0..<20_000 {
          producer.send(
            OutgoingRecord(topic: topic, partition: 0, key: nil, value: bytes("\(number)"), headers: RecordHeaders())
          ) { result in
            acknowledged.append((try? result.get().offset) ?? -1)
            condition.changed()
          }
        }
        await condition.wait { acknowledged.count == 20_000 }
        #expect(acknowledged == (0..<20_000).map { Int64($0) })
        let received = try await Reading.all(loop, broker.options, TopicPartition(topic, 0))
        #expect(received.map(\.value) == (0..<20_000).map { bytes("\($0)") })
        #expect(producer.counters == producer.counters)
        #expect(producer.counters.acknowledged == 20_000)
        #expect(producer.counters.waiting == 0)
        await producer.close()
      }
    }

    /// Goal: the bound of the queue refuses, each refusal is answered once and later, and the rest is delivered.
    @Test func `a full queue refuses`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        var limits = LogProducer.Limits()
        limits.queuedRecords = 10
        let producer = try LogProducer(loop: loop, options: broker.options, limits: limits)
        let condition = Condition()
        var outcomes: [EventLogError.Code?] = []
        for _ in 0..<50 {
          producer.send(OutgoingRecord(topic: topic, partition: 0, key: nil, value: [1], headers: RecordHeaders())) {
            result in
            switch result {
            case .success: outcomes.append(nil)
            case .failure(let error): outcomes.append(error.code)
            }
            condition.changed()
          }
        }
        #expect(outcomes.isEmpty)
        await condition.wait { outcomes.count == 50 }
        #expect(outcomes.count { $0 == nil } == 10)
        #expect(outcomes.count { $0 == .queueFull } == 40)
        await producer.close()
      }
    }

    /// Goal: each kind of refusal has its code.
    @Test func `what cannot be sent says why`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop)
        var limits = LogProducer.Limits()
        limits.recordBytes = 2 << 20
        let producer = try LogProducer(loop: loop, options: broker.options, limits: limits)
        func code(_ topic: String, partition: Int32, valueBytes: Int) async -> EventLogError.Code? {
          let value = [UInt8](repeating: 7, count: valueBytes)
          do {
            _ = try await producer.send(
              OutgoingRecord(topic: topic, partition: partition, key: nil, value: value, headers: RecordHeaders()))
            return nil
          } catch { return (error as? EventLogError)?.code }
        }
        #expect(await code("no-such-topic", partition: 0, valueBytes: 1) == .unknownTopic)
        #expect(await code(topic, partition: 7, valueBytes: 1) == .unknownTopic)
        #expect(await code(topic, partition: 0, valueBytes: 3 << 20) == .tooLarge)
        // Within the client's limit, beyond the topic's.
        #expect(await code(topic, partition: 0, valueBytes: 3 << 19) == .tooLarge)
        #expect(await code(topic, partition: 0, valueBytes: 1) == nil)
        await producer.close()
        #expect(await code(topic, partition: 0, valueBytes: 1) == .closed)
      }
    }

    /// Goal: a key chooses the partition that Kafka's Java client would choose (murmur2), whatever its place in time.
    @Test func `keys choose partitions as in Java`() async throws {
      let broker = try await Broker.shared()
      try await onLoop { loop in
        let topic = try await broker.makeTopic(on: loop, partitions: 8)
        let producer = try LogProducer(loop: loop, options: broker.options)
        // toPositive(murmur2(key)) % 8, by org.apache.kafka.common.utils.Utils.
        for (key, partition) in [
          "21": Int32(-973_932_308), "foobar": -790_332_482, "a-little-bit-long-string": -985_981_536,
        ] {
          let expected = (partition & 0x7fff_ffff) % 8
          let position = try await producer.send(
            OutgoingRecord(topic: topic, key: bytes(key), value: [1], headers: RecordHeaders()))
          #expect(position.partition.partition == expected, "key \(key)")
        }
        await producer.close()
      }
    }
  }
}
