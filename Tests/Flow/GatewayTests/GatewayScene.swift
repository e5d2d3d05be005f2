import Catalogue
import Controller
import ControllerClient
import EventLog
import EventLoop
import FoundationEssentials
import Glibc
import LogContracts
import LogRecords
import MillraceDomain
import Postgres
import RealServers
import Recorder
import Security
import Streams
import Testing
import TopicAdministration

@testable import Gateway

/// A gateway with a real log, database, controller and recorder, and an executor that answers without running anything.
/// Confined to its loop, which makes it Sendable.
final class GatewayScene: @unchecked Sendable {
  static let isPossible = ApacheKafkaFixture.isAvailable && PostgresFixture.isAvailable
  static let token = "test-token-of-the-gateway"

  let loop: EventLoop
  let log: EventLogOptions
  let executor: AnsweringExecutor
  private let folder: String
  private var roles: [Task<Void, Never>] = []
  private(set) var port: UInt16 = 0

  /// The scene that the tests of this process share.
  static func shared() async throws -> GatewayScene { try await sharedStart.value }
  private static let sharedStart = Task { try await GatewayScene.start() }

  private init(loop: EventLoop, log: EventLogOptions, folder: String) {
    self.loop = loop
    self.log = log
    self.folder = folder
    executor = AnsweringExecutor(loop: loop, log: log)
  }

  private static func start() async throws -> GatewayScene {
    let kafka = try await ApacheKafkaFixture.start()
    let postgres = try await PostgresFixture.shared()
    let url = try await postgres.createDatabase()
    let loop = try LoopThread.startLoop(name: "gateway")
    let log = EventLogOptions(bootstrapServers: kafka.bootstrapServers, clientID: "gateway-test")
    let folder = FileManager.default.temporaryDirectory.path + "/millrace-gateway-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = Unmanaged.passRetained(kafka)
    let scene = GatewayScene(loop: loop, log: log, folder: folder)
    try await Task(executorPreference: loop.tasks) { try await scene.run(database: PostgresOptions(url: url)) }.value
    return scene
  }

  private func run(database: PostgresOptions) async throws {
    let admin = try LogAdmin(loop: loop, options: log)
    _ = try await TopicAdministrator(loop: loop, admin: admin).apply()
    await admin.close()
    let socket = folder + "/controller.sock"
    let controller = ControllerStage(
      loop: loop,
      options: try ControllerOptions(
        directory: folder + "/controller", socketPath: socket, listen: nil, clusterToken: nil, log: log))
    let recorder = RecorderStage(
      RecorderOptions(id: try ComponentID("recorder"), log: log, database: database), on: loop)
    let gateway = GatewayStage(
      loop: loop,
      options: try GatewayOptions(
        listen: .tcp(host: "127.0.0.1", port: 0), reach: .loopback, log: log, postgres: database,
        controller: .unix(path: socket)))
    try await executor.start()
    roles = [
      loop.spawn { await Self.report { try await controller.run {} } },
      loop.spawn { await Self.report { try await recorder.run {} } },
      loop.spawn { await Self.report { try await gateway.run {} } },
    ]
    try await fillCatalogue(ControllerClient(loop: loop, address: .unix(path: socket), clusterToken: nil))
    while gateway.address == nil { try await loop.sleep(for: .milliseconds(10)) }
    if case .tcp(_, let port) = gateway.address { self.port = port }
  }

  private static func report(_ body: () async throws -> Void) async {
    do { try await body() } catch { Issue.record(error) }
  }

  /// A token, and a function `echo` that nobody built.
  private func fillCatalogue(_ client: ControllerClient) async throws {
    var generator = SystemRandomNumberGenerator()
    let now = Timestamp(milliseconds: 1_800_000_000_000)
    _ = try await client.perform(
      .createToken(
        id: TokenID(at: now, using: &generator), namespace: .standard, name: "admin",
        secretDigest: Hexadecimal.text(of: SHA256.digest(Self.token.utf8))))
    for name in ["echo", "doomed"] {
      let deployment = DeploymentID(at: now, using: &generator)
      _ = try await client.perform(
        .registerDeployment(id: deployment, namespace: .standard, function: try FunctionName(name)))
      _ = try await client.perform(.startBuild(deployment: deployment))
      _ = try await client.perform(
        .publishVersion(
          deployment: deployment,
          configuration: FunctionConfiguration(
            handler: try HandlerName("app.handler"), runtime: try RuntimeName("python3.11")),
          code: CodeReference(
            digest: try CodeDigest(bytes: SHA256.digest(Array(name.utf8))), partition: 0, firstOffset: 0, byteCount: 1,
            chunkCount: 1)))
    }
  }

  /// One request, with the token unless the fields say otherwise.
  func ask(
    _ method: String, _ path: String, fields: [(String, String)] = [("Authorization", "Bearer \(GatewayScene.token)")],
    more: [(String, String)] = [], body: [UInt8] = []
  ) async -> PlainRequest.Answer {
    let request = PlainRequest(port: port, method: method, path: path, fields: fields + more, body: body)
    return await withCheckedContinuation { continuation in
      do {
        try LoopThread.start(name: "client") { continuation.resume(returning: request.send()) }
      } catch { preconditionFailure("\(error)") }
    }
  }

  /// Waits until the gateway is ready.
  func awaitReadiness() async throws {
    for _ in 0..<600 {
      if await ask("GET", "/readyz", fields: []).status == 200 { return }
      try await loop.sleep(for: .milliseconds(50))
    }
    Issue.record("the gateway is not ready: \(await ask("GET", "/readyz", fields: []).text)")
  }
}
