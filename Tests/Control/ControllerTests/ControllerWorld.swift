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

/// A controller on a Unix socket, its client, and the topics on a broker of the suite's own. Confined to its loop.
final class ControllerWorld: @unchecked Sendable {
  private static let broker = Task { try await ApacheKafkaFixture.start() }

  let loop: EventLoop
  let fixture: ApacheKafkaFixture
  let directory = "/tmp/millrace-controller-\(UInt64.random(in: 0...UInt64.max))"
  let client: ControllerClient
  private var running: Task<Void, any Error>?
  private var milliseconds: Int64 = 1_700_000_000_000
  private var random = SystemRandomNumberGenerator()

  private init(_ loop: EventLoop, _ fixture: ApacheKafkaFixture) {
    self.loop = loop
    self.fixture = fixture
    client = ControllerClient(
      loop: loop, address: .unix(path: directory + "/socket"), clusterToken: "secret", patience: .seconds(60))
  }

  /// Empty topics on the suite's broker, and no controller yet. One world at a time: the topics have fixed names.
  static func open(_ loop: EventLoop) async throws -> ControllerWorld {
    let world = ControllerWorld(loop, try await broker.value)
    try FileManager.default.createDirectory(atPath: world.directory, withIntermediateDirectories: false)
    let admin = try LogAdmin(loop: loop, options: world.options)
    for topic in [TopicDeclaration.functions, .code] {
      if try await admin.topics()[topic.name] != nil { try await admin.deleteTopic(topic.name) }
      while try await admin.topics()[topic.name] != nil { try await loop.sleep(for: .milliseconds(20)) }
      let specification = TopicSpecification(
        name: topic.name, partitionCount: 1, configuration: ["cleanup.policy": topic.cleanup.rawValue])
      try await admin.createTopics([specification])
    }
    await admin.close()
    return world
  }

  var options: EventLogOptions { EventLogOptions(bootstrapServers: fixture.bootstrapServers, clientID: "test") }

  func controllerOptions() throws -> ControllerOptions {
    try ControllerOptions(
      directory: directory + "/state", socketPath: directory + "/socket", listen: nil, clusterToken: "secret",
      log: options)
  }

  func startController() async throws {
    let stage = ControllerStage(loop: loop, options: try controllerOptions())
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      let once = Once(continuation)
      running = Task(executorPreference: loop.tasks) {
        do { try await stage.run(started: { once.resume(nil) }) } catch {
          once.resume(error)
          throw error
        }
      }
    }
  }

  func stopController() async throws {
    running?.cancel()
    try await running?.value
    running = nil
  }

  func close() async throws {
    try await stopController()
    client.close()
    try FileManager.default.removeItem(atPath: directory)
  }

  func newDeployment(_ function: String) -> (id: DeploymentID, action: CatalogueCommand.Action) {
    milliseconds += 1
    let id = DeploymentID(at: Timestamp(milliseconds: milliseconds), using: &random)
    return (id, .registerDeployment(id: id, namespace: .standard, function: try! FunctionName(function)))
  }

  func newTokenID() -> TokenID { TokenID(at: Timestamp(milliseconds: milliseconds), using: &random) }

  /// Every record of `functions`, in order.
  func feed() async throws -> [CatalogueChangeRecord] {
    let reader = try PartitionReader(loop: loop, options: options)
    var records: [CatalogueChangeRecord] = []
    let partition = TopicPartition(TopicDeclaration.functions.name, 0)
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      var waiting: CheckedContinuation<Void, Never>? = continuation
      reader.received = { _, batch in records += batch.compactMap { try? CatalogueChangeRecord(decoding: $0) } }
      reader.reachedEnd = { _, _ in
        waiting?.resume()
        waiting = nil
      }
      reader.add([partition: .earliest])
    }
    await reader.close()
    return records
  }
}

/// A continuation that only the first of several resumes.
private final class Once: @unchecked Sendable {
  private var continuation: CheckedContinuation<Void, any Error>?
  init(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = continuation }

  func resume(_ error: (any Error)?) {
    if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
    continuation = nil
  }
}
