import EventLog
import EventLoop
import LogRecords
import RealServers
import Synchronization
import Testing

/// One test at a time: some count the threads and descriptors of the process, and one kills a broker under load.
@Suite(.serialized) enum LogClientTests {}

/// Runs a test's body on a loop of its own, so that it may use what is confined to one.
func onLoop<Value: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Value) async throws -> Value {
  let loop = try LoopThread.startLoop(name: "log-test")
  defer { loop.stop() }
  return try await withCheckedThrowingContinuation { continuation in
    loop.spawn {
      do { continuation.resume(returning: try await body(loop)) } catch { continuation.resume(throwing: error) }
    }
  }
}

/// Waits on the loop until a condition holds; whoever changes what it looks at calls `changed`. A time limit of the test bounds it.
final class Condition {
  private var waiting: [(check: () -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

  func wait(until check: @escaping () -> Bool) async {
    if check() { return }
    await withCheckedContinuation { waiting.append((check, $0)) }
  }

  func changed() {
    let all = waiting
    waiting = []
    for item in all {
      if item.check() { item.continuation.resume() } else { waiting.append(item) }
    }
  }
}

/// What the tests of the real broker share: names that no other test uses.
struct Broker {
  let fixture: ApacheKafkaFixture
  static let names = Atomic<Int>(0)

  static func shared() async throws -> Broker { Broker(fixture: try await ApacheKafkaFixture.shared()) }

  var options: EventLogOptions { EventLogOptions(bootstrapServers: fixture.bootstrapServers, clientID: "test") }

  static func newName(_ prefix: String) -> String { "\(prefix)-\(names.add(1, ordering: .relaxed).newValue)" }

  /// Creates a topic of its own for a test.
  func makeTopic(on loop: EventLoop, partitions: Int = 1, settings: [String: String] = [:]) async throws -> String {
    let name = Broker.newName("topic")
    let admin = try LogAdmin(loop: loop, options: options)
    try await admin.createTopics([TopicSpecification(name: name, partitionCount: partitions, configuration: settings)])
    await admin.close()
    return name
  }
}

/// Reads one partition from a place until a condition of its own holds.
final class Reading {
  let reader: PartitionReader
  let condition = Condition()
  private(set) var records: [ConsumedRecord] = []
  private(set) var ends: [TopicPartition: Int64] = [:]
  private(set) var errors: [EventLogError] = []

  init(_ loop: EventLoop, _ options: EventLogOptions) throws {
    reader = try PartitionReader(loop: loop, options: options)
    reader.received = { [unowned self] partition, records in
      self.records += records
      ends[partition] = nil
      condition.changed()
    }
    reader.reachedEnd = { [unowned self] partition, offset in
      ends[partition] = offset
      condition.changed()
    }
    reader.failed = { [unowned self] error in
      errors.append(error)
      condition.changed()
    }
  }

  func clear() { records = [] }

  /// Everything that is in one partition now.
  static func all(_ loop: EventLoop, _ options: EventLogOptions, _ partition: TopicPartition) async throws
    -> [ConsumedRecord]
  {
    let reading = try Reading(loop, options)
    reading.reader.add([partition: .earliest])
    await reading.condition.wait { reading.ends[partition] != nil }
    await reading.reader.close()
    return reading.records
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A member of a group that keeps what it is told.
final class Member: GroupConsumerHandler {
  let name: String
  private(set) var consumer: GroupConsumer!
  let condition = Condition()
  private(set) var records: [ConsumedRecord] = []
  private(set) var assignments: [AssignedPartition] = []
  private(set) var revocations: [[TopicPartition]] = []
  private(set) var losses: [[TopicPartition]] = []
  private(set) var errors: [EventLogError] = []
  /// What to do with a partition that comes; starts it where the group is, unless told otherwise.
  var assigned: ((Member, AssignedPartition) -> Void) = { $0.consumer.start($1.partition, at: .committed) }
  /// What to do before partitions go; answers at once, unless told otherwise.
  var revoked: ((Member, [TopicPartition], @escaping () -> Void) -> Void) = { _, _, done in done() }
  var handled: ((Member, [ConsumedRecord]) -> Void)?

  init(_ name: String) { self.name = name }

  func join(
    _ loop: EventLoop, _ options: EventLogOptions, group: String, topic: String, instanceID: String? = nil,
    settings: GroupConsumer.Settings = GroupConsumer.Settings()
  ) throws {
    consumer = try GroupConsumer(
      loop: loop, options: options, group: group, instanceID: instanceID, topics: [topic], settings: settings,
      handler: self)
  }

  func commit(_ offsets: [TopicPartition: GroupConsumer.Commit]) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      consumer.commit(offsets) { continuation.resume(with: $0.mapError { $0 as any Error }) }
    }
  }

  func consumer(_ consumer: GroupConsumer, assigned partitions: [AssignedPartition]) {
    assignments += partitions
    for partition in partitions { assigned(self, partition) }
    condition.changed()
  }

  func consumer(_ consumer: GroupConsumer, revoked partitions: [TopicPartition], done: @escaping () -> Void) {
    revocations.append(partitions)
    revoked(self, partitions, done)
    condition.changed()
  }

  func consumer(_ consumer: GroupConsumer, lost partitions: [TopicPartition]) {
    losses.append(partitions)
    condition.changed()
  }

  func consumer(_ consumer: GroupConsumer, received records: [ConsumedRecord], from partition: TopicPartition) {
    self.records += records
    handled?(self, records)
    condition.changed()
  }

  func consumer(_ consumer: GroupConsumer, failed error: EventLogError) {
    errors.append(error)
    condition.changed()
  }
}

extension LogProducer {
  /// Appends numbered values to partitions in turn, and returns when all are acknowledged.
  func sendNumbers(_ numbers: Range<Int>, to topic: String, partitions: Int32 = 1) async throws {
    let condition = Condition()
    var acknowledged = 0
    for number in numbers {
      let record = OutgoingRecord(
        topic: topic, partition: Int32(number) % partitions, key: nil, value: bytes("\(number)"),
        headers: RecordHeaders())
      send(record) { result in
        if case .success = result { acknowledged += 1 } else { Issue.record("a record was refused: \(result)") }
        condition.changed()
      }
    }
    await condition.wait { acknowledged == numbers.count }
  }
}

func number(_ record: ConsumedRecord) -> Int { Int(String(decoding: record.value ?? [], as: UTF8.self)) ?? -1 }
