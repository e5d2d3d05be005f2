import EventLog
import EventLoop
import LogRecords
import MillraceDomain
import Postgres
import RealServers
import Synchronization
import Testing

@testable import Recorder

/// A log and a database for one test, and recorders between them. Its topics have names of their own.
struct RecorderHarness: Sendable {
  static let isAvailable = PostgresFixture.isAvailable && ApacheKafkaFixture.isAvailable
  private static let names = Atomic<Int>(0)

  /// What the topics are called.
  enum TopicNames {
    /// As no other test's.
    case own(partitions: Int32)
    /// As they are declared: for a broker of the test's own.
    case declared
  }

  let loop: EventLoop
  let log: EventLogOptions
  let database: PostgresOptions
  let topics: RecorderOptions.Topics
  let producer: LogProducer

  /// Runs a test on a loop with topics of its own in the shared broker.
  static func run(
    url: String? = nil, broker: ApacheKafkaFixture? = nil, topics: TopicNames = .own(partitions: 2),
    _ body: @escaping @Sendable (RecorderHarness) async throws -> Void
  ) async throws {
    let loop = try recorderLoop.get()
    let broker = if let broker { broker } else { try await ApacheKafkaFixture.shared() }
    let url = if let url { url } else { try await PostgresFixture.shared().createDatabase() }
    try await Task(executorPreference: loop.tasks) {
      let harness = try await RecorderHarness(loop, broker.bootstrapServers, url, topics)
      try await body(harness)
      await harness.producer.close()
    }.value
  }

  private init(_ loop: EventLoop, _ bootstrapServers: String, _ url: String, _ names: TopicNames) async throws {
    self.loop = loop
    log = EventLogOptions(bootstrapServers: bootstrapServers, clientID: "recorder-test")
    database = PostgresOptions(url: url)
    var topics = RecorderOptions.Topics()
    switch names {
    case .declared: break
    case .own(let partitions):
      let number = Self.names.add(1, ordering: .relaxed).newValue
      topics.tasks = "r\(number).tasks"
      topics.results = "r\(number).results"
      topics.logs = "r\(number).logs"
      topics.deadLetters = "r\(number).deadletters"
      topics.partitions = partitions
    }
    self.topics = topics
    let admin = try LogAdmin(loop: loop, options: log)
    try await admin.createTopics(
      [topics.tasks, topics.results, topics.logs].map {
        TopicSpecification(name: $0, partitionCount: Int(topics.partitions), configuration: [:])
      } + [TopicSpecification(name: topics.deadLetters, partitionCount: 1, configuration: [:])])
    await admin.close()
    producer = try LogProducer(loop: loop, options: log)
  }

  func options(_ name: String = "recorder-1") throws -> RecorderOptions {
    var options = RecorderOptions(id: try ComponentID(name), log: log, database: database)
    options.topics = topics
    options.backOff = BackOff(first: .milliseconds(5), longest: .milliseconds(100))
    return options
  }

  /// Starts a recorder. Cancelling the task drains it.
  func start(_ name: String = "recorder-1") throws -> (RecorderStage, Task<Void, any Error>) {
    let stage = RecorderStage(try options(name), on: loop)
    let task = Task(executorPreference: loop.tasks) { try await stage.run {} }
    return (stage, task)
  }

  func append(_ record: OutgoingRecord) async throws {
    var record = record
    switch record.topic {
    case "millrace.tasks": record.topic = topics.tasks
    case "millrace.results": record.topic = topics.results
    case "millrace.logs": record.topic = topics.logs
    default: record.topic = topics.deadLetters
    }
    _ = try await producer.send(record)
  }

  /// Waits until the database says that all of the log is recorded, however often it is away meanwhile.
  func everythingIsRecorded() async throws {
    let admin = try LogAdmin(loop: loop, options: log)
    let partitions = RecorderShard.all(of: topics).flatMap { $0.partitions.keys }
    let ends = try await admin.endOffsets(partitions)
    await admin.close()
    let pool = PostgresPool(
      PostgresPoolOptions(connection: database, backOff: BackOff(first: .milliseconds(5), longest: .milliseconds(50))),
      on: loop)
    var isDone = false
    while !isDone {
      do {
        let rows = try await pool.query("SELECT topic, partition, next_offset FROM millrace.consumed_offsets")
        var recorded: [TopicPartition: Int64] = [:]
        for row in rows {
          recorded[TopicPartition(try row.value("topic"), try row.value("partition"))] = try row.value("next_offset")
        }
        isDone = ends.allSatisfy { (recorded[$0] ?? 0) >= $1 }
      } catch {
        guard error.isRetriable || error.sqlState == "42P01" else { throw error }
      }
    }
    await pool.close()
  }

  /// Runs one statement on a connection of its own.
  func query(_ sql: StaticString) async throws -> PostgresRows {
    let connection = try await PostgresConnection.connect(database, on: loop)
    let rows = try await connection.query(sql)
    await connection.close()
    return rows
  }
}
