import CodeArchive
import CodeStore
import EventLog
import EventLoop
import Glibc
import LogContracts
import LogRecords
import MillraceDomain
import RealServers
import Testing

@testable import Executor

/// A broker of its own with the topics, a catalogue written straight to its feed, and a reader of what the executor says.
final class ExecutorWorld {
  let fixture: ApacheKafkaFixture
  let loop: EventLoop
  let options: EventLogOptions
  let producer: LogProducer
  let reader: PartitionReader
  let context = RecordContext(source: "/test")
  private let folder: String
  private var waiting: (check: () -> Bool, continuation: CheckedContinuation<Void, Never>)?
  private(set) var outcomes: [AttemptOutcome] = []
  private(set) var replies: [AttemptOutcome] = []
  private(set) var outputs: [OutputRecord] = []
  private(set) var deadLetters: [DeadLetterRecord] = []
  private var lastIndex: UInt64 = 0
  private var random = SystemRandomNumberGenerator()

  static func open(on loop: EventLoop) async throws -> ExecutorWorld {
    let world = try ExecutorWorld(try await ApacheKafkaFixture.start(), loop)
    let admin = try LogAdmin(loop: loop, options: world.options)
    try await admin.createTopics(
      TopicDeclaration.all.map { topic in
        TopicSpecification(
          name: topic.name, partitionCount: Int(topic.partitions),
          configuration: ["max.message.bytes": String(topic.maximumMessageBytes)])
      })
    while try await admin.topics().count < TopicDeclaration.all.count {}
    await admin.close()
    world.read()
    return world
  }

  private init(_ fixture: ApacheKafkaFixture, _ loop: EventLoop) throws {
    self.fixture = fixture
    self.loop = loop
    options = EventLogOptions(bootstrapServers: fixture.bootstrapServers, clientID: "test")
    producer = try LogProducer(loop: loop, options: options)
    reader = try PartitionReader(loop: loop, options: options)
    var template = Array("/tmp/millrace-executor-test-XXXXXX".utf8CString)
    folder = String(cString: try #require(mkdtemp(&template)))
    chmod(folder, 0o755)
  }

  private func read() {
    reader.received = { [unowned self] partition, records in
      for record in records { take(record, partition.topic) }
      if let waiting, waiting.check() {
        self.waiting = nil
        waiting.continuation.resume()
      }
    }
    for topic in [TopicDeclaration.results, .replies, .logs, .deadLetters] {
      for partition in 0..<topic.partitions { reader.add([TopicPartition(topic.name, partition): .earliest]) }
    }
  }

  private func take(_ record: ConsumedRecord, _ topic: String) {
    do {
      switch topic {
      case TopicDeclaration.results.name: outcomes.append(try AttemptOutcome(decodingResult: record))
      case TopicDeclaration.replies.name: replies.append(try AttemptOutcome(decodingReply: record))
      case TopicDeclaration.logs.name: outputs.append(try OutputRecord(decoding: record))
      default: deadLetters.append(try DeadLetterRecord(decoding: record))
      }
    } catch { Issue.record("the executor wrote what breaks its contract: \(error)") }
  }

  func wait(until check: @escaping () -> Bool) async {
    if check() { return }
    await withCheckedContinuation { waiting = (check, $0) }
  }

  func close() async {
    await reader.close()
    await producer.close()
    fixture.stop()
  }

  // MARK: functions

  /// Publishes version 1 of a function and answers the catalogue's index.
  func publish(_ name: String, _ source: String, timeoutSeconds: Int32 = 10, concurrency: Int32 = 0) async throws {
    let store = ContentStore(loop: loop, options: options, context: context)
    var zip = ZipWriter()
    zip.add("app.py", Array(source.utf8))
    let code = try await store.store(zip.finished())
    await store.close()
    let now = Timestamp(milliseconds: 0)
    let function = try FunctionName(name)
    let configuration = FunctionConfiguration(
      handler: try HandlerName("app.handler"), runtime: try RuntimeName("python3.11"), timeoutSeconds: timeoutSeconds,
      concurrency: concurrency)
    lastIndex += 1
    let entities: [CatalogueEntity] = [
      .function(
        CatalogueFunction(
          namespace: .standard, name: function, latestVersion: .first, createdAt: now, updatedAt: now)),
      .version(
        CatalogueVersion(
          namespace: .standard, function: function, number: .first, configuration: configuration, code: code,
          deployment: DeploymentID(at: now, using: &random), publishedAt: now)),
    ]
    for (position, entity) in entities.enumerated() {
      let record = CatalogueChangeRecord(
        index: CatalogueIndex(lastIndex), position: Int64(position), count: Int64(entities.count), change: .put(entity))
      _ = try await producer.send(record.encoded(context: context))
    }
  }

  /// A task for the newest version, which the catalogue has at this moment.
  func task(_ name: String, _ event: String, reply: TaskRecord.Reply? = nil) throws -> TaskRecord {
    TaskRecord(
      invocation: InvocationID(at: Timestamp(milliseconds: 1_700_000_000_000), using: &random),
      function: try FunctionName(name), version: nil, catalogueIndex: CatalogueIndex(lastIndex), reply: reply,
      event: Array(event.utf8), context: context)
  }

  // MARK: executors

  /// Starts an executor; cancelling the task drains it.
  func startExecutor(_ id: String, _ change: (inout ExecutorOptions) -> Void = { _ in }) throws -> Task<Void, any Error>
  {
    var executorOptions = ExecutorOptions(
      id: try ComponentID(id), log: options, codeDirectory: "\(folder)/\(id)")
    change(&executorOptions)
    let stage = ExecutorStage(executorOptions, on: loop)
    return Task(executorPreference: loop.tasks) { try await stage.run(started: {}) }
  }
}
