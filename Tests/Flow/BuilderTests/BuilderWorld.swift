import Builder
import Catalogue
import CatalogueView
import CodeStore
import ControlWire
import Controller
import ControllerClient
import EventLog
import EventLoop
import FoundationEssentials
import LogContracts
import LogRecords
import MillraceDomain
import RealServers

/// Controller and builder on a broker of the suite's own, and what a gateway would do. Confined to its loop.
final class BuilderWorld: @unchecked Sendable {
  private static let broker = Task { try await ApacheKafkaFixture.start() }

  let loop: EventLoop
  let options: EventLogOptions
  let directory = "/tmp/millrace-builder-\(UInt64.random(in: 0...UInt64.max))"
  let client: ControllerClient
  let view: CatalogueView
  let store: ContentStore
  private let producer: LogProducer
  private var running: [Task<Void, any Error>] = []
  private var random = SystemRandomNumberGenerator()
  private var milliseconds: Int64 = 1_700_000_000_000

  private init(_ loop: EventLoop, _ fixture: ApacheKafkaFixture) throws {
    self.loop = loop
    options = EventLogOptions(bootstrapServers: fixture.bootstrapServers, clientID: "test")
    client = ControllerClient(loop: loop, address: .unix(path: directory + "/socket"), clusterToken: nil)
    view = CatalogueView(loop: loop, options: options)
    store = ContentStore(loop: loop, options: options, context: RecordContext(source: "/test"))
    producer = try LogProducer(loop: loop, options: options)
  }

  static func open(_ loop: EventLoop) async throws -> BuilderWorld {
    let world = try BuilderWorld(loop, try await broker.value)
    try FileManager.default.createDirectory(atPath: world.directory, withIntermediateDirectories: false)
    let admin = try LogAdmin(loop: loop, options: world.options)
    for topic in [TopicDeclaration.functions, .code, .submissions, .deadLetters] {
      if try await admin.topics()[topic.name] != nil { try await admin.deleteTopic(topic.name) }
      while try await admin.topics()[topic.name] != nil { try await loop.sleep(for: .milliseconds(20)) }
      try await admin.createTopics([TopicSpecification(name: topic.name, partitionCount: 1)])
    }
    await admin.close()
    try await world.startController()
    try world.view.start()
    return world
  }

  private func startController() async throws {
    let options = try ControllerOptions(
      directory: directory + "/state", socketPath: directory + "/socket", listen: nil, clusterToken: nil, log: options)
    running.append(
      await start { loop, started in try await ControllerStage(loop: loop, options: options).run(started: started) })
  }

  /// A builder, which runs until the world is closed.
  func startBuilder(instanceID: String? = nil) async { running.append(await makeBuilder(instanceID: instanceID)) }

  /// A builder that the test ends.
  func makeBuilder(instanceID: String?) async -> Task<Void, any Error> {
    let options = BuilderOptions(
      controller: .unix(path: directory + "/socket"), clusterToken: nil, pythonPaths: [], log: options,
      instanceID: instanceID)
    return await start { loop, started in try await BuilderStage(loop: loop, options: options).run(started: started) }
  }

  private func start(
    _ run: @escaping @Sendable (EventLoop, @escaping @Sendable () -> Void) async throws -> Void
  ) async -> Task<Void, any Error> {
    let loop = loop
    var task: Task<Void, any Error>?
    await withCheckedContinuation { continuation in
      task = Task(executorPreference: loop.tasks) { try await run(loop) { continuation.resume() } }
    }
    guard let task else { preconditionFailure("it was made above") }
    return task
  }

  func close() async throws {
    for task in running.reversed() {
      task.cancel()
      try await task.value
    }
    client.close()
    await store.close()
    await view.close()
    await producer.close()
    try FileManager.default.removeItem(atPath: directory)
  }

  // MARK: what a gateway does

  func submission(
    _ function: String, _ upload: [UInt8], _ archive: SubmissionRecord.Archive, handler: String = "app.handler",
    runtime: String = "python3.11"
  ) async throws -> SubmissionRecord {
    milliseconds += 1
    let time = Timestamp(milliseconds: milliseconds)
    return SubmissionRecord(
      deployment: DeploymentID(at: time, using: &random), namespace: .standard, function: try FunctionName(function),
      configuration: FunctionConfiguration(handler: try HandlerName(handler), runtime: try RuntimeName(runtime)),
      archive: archive, upload: try await store.store(upload), token: TokenID(at: time, using: &random),
      submittedAt: time)
  }

  func register(_ submission: SubmissionRecord) async throws {
    _ = try await client.perform(
      .registerDeployment(
        id: submission.deployment, namespace: submission.namespace, function: submission.function))
  }

  func send(_ submission: SubmissionRecord) async throws {
    _ = try await producer.send(submission.encoded(context: RecordContext(source: "/test")))
  }

  func send(_ record: OutgoingRecord) async throws { _ = try await producer.send(record) }

  /// Registers, sends, and waits until the deployment is active or failed.
  func deploy(_ submission: SubmissionRecord) async throws -> CatalogueDeployment {
    try await register(submission)
    try await send(submission)
    return await finished(submission.deployment)
  }

  func finished(_ id: DeploymentID) async -> CatalogueDeployment {
    while true {
      if let deployment = view.tables.deployment(id), deployment.state == .active || deployment.state == .failed {
        return deployment
      }
      await withCheckedContinuation { continuation in
        view.changed = { [view] _ in
          view.changed = nil
          continuation.resume()
        }
      }
    }
  }

  /// The first so many dead letters.
  func deadLetters(_ count: Int) async throws -> [DeadLetterRecord] {
    let reader = try PartitionReader(loop: loop, options: options)
    var letters: [DeadLetterRecord] = []
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      var waiting: CheckedContinuation<Void, Never>? = continuation
      reader.received = { _, batch in
        letters += batch.compactMap { try? DeadLetterRecord(decoding: $0) }
        guard letters.count >= count else { return }
        waiting?.resume()
        waiting = nil
      }
      reader.add([TopicPartition(TopicDeclaration.deadLetters.name, 0): .earliest])
    }
    await reader.close()
    return letters
  }
}
