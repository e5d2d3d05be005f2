import Catalogue
import CatalogueView
import CodeStore
import ControlWire
import Controller
import ControllerClient
import EventLoop
import LogContracts
import MillraceDomain
import RealServers
import Security
import Testing

/// The real controller over HTTP, its feed on Apache Kafka, and what the roles read from it.
@Suite(.serialized, .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)))
struct ControllerOnKafkaTests {
  private let configuration = FunctionConfiguration(
    handler: try! HandlerName("app.handler"), runtime: try! RuntimeName("python3.12"), environment: ["A": "ü"])
  private let hello = try! FunctionName("hello")

  private func code(_ byte: UInt8) -> CodeReference {
    CodeReference(
      digest: try! CodeDigest(bytes: [UInt8](repeating: byte, count: 32)), partition: 0, firstOffset: 3, byteCount: 9,
      chunkCount: 1)
  }

  @Test(.timeLimit(.minutes(2))) func `What is committed is seen by views, across restarts of the controller`()
    async throws
  {
    try await LoopRunner.run { [self] loop in
      let world = try await ControllerWorld.open(loop)
      try await world.startController()
      let view = CatalogueView(loop: loop, options: world.options)
      try view.start()
      let secret = Array("the secret".utf8)
      let token = world.newTokenID()
      _ = try await world.client.perform(
        .createToken(
          id: token, namespace: .standard, name: "admin", secretDigest: Hexadecimal.text(of: SHA256.digest(secret))))
      for number in 1...2 {
        let deployment = world.newDeployment("hello")
        _ = try await world.client.perform(deployment.action)
        _ = try await world.client.perform(
          .publishVersion(deployment: deployment.id, configuration: configuration, code: code(UInt8(number))))
        try await world.stopController()
        try await world.startController()
        let again = try await world.client.perform(
          .publishVersion(deployment: deployment.id, configuration: configuration, code: code(9)))
        guard case .accepted(.version(let version)) = again.answer else {
          Issue.record("\(again.answer)")
          continue
        }
        #expect(version.number.number == Int32(number) && version.code == code(UInt8(number)))
        #expect(await view.waitUntilApplied(again.index, within: .seconds(30)))
        #expect(view.tables.latestVersion(of: hello, in: .standard) == version)
        #expect(view.tables.deployment(deployment.id)?.state == .active)
      }
      #expect(view.tables.token(secretDigest: SHA256.digest(secret))?.id == token)
      #expect(view.tables.token(secretDigest: SHA256.digest(Array("another".utf8))) == nil)
      #expect(view.tables.versions(of: hello, in: .standard).map(\.number.number) == [2, 1])
      #expect(view.isCaughtUp)
      let deleted = try await world.client.perform(.deleteFunction(namespace: .standard, function: hello))
      #expect(await view.waitUntilApplied(deleted.index, within: .seconds(30)))
      #expect(view.tables.function(hello, in: .standard) == nil)
      #expect(view.tables.version(.first, of: hello, in: .standard) == nil)
      try checkOrder(try await world.feed())
      await view.close()
      try await world.close()
    }
  }

  @Test(.timeLimit(.minutes(3))) func `A killed broker costs no change, and leaves no gap or repeat`() async throws {
    try await LoopRunner.run { [self] loop in
      let world = try await ControllerWorld.open(loop)
      try await world.startController()
      var deployments: [DeploymentID] = []
      var lastIndex = CatalogueIndex(0)
      for round in 0..<2 {
        for number in 0..<60 {
          let deployment = world.newDeployment("f\(number % 5)")
          lastIndex = try await world.client.perform(deployment.action).index
          deployments.append(deployment.id)
          if number == 20 { try await world.fixture.kill() }
          // Answers do not wait for the log.
          if number == 40 { try await world.fixture.resume() }
          if number == 50, round == 1 {
            try await world.stopController()
            try await world.startController()
          }
        }
      }
      let view = CatalogueView(loop: loop, options: world.options)
      try view.start()
      #expect(await view.waitUntilApplied(lastIndex, within: .seconds(60)))
      #expect(deployments.allSatisfy { view.tables.deployment($0) != nil })
      let feed = try await world.feed()
      try checkOrder(feed)
      #expect(feed.count == deployments.count)
      await view.close()
      try await world.close()
    }
  }

  @Test(.timeLimit(.minutes(1))) func `A second controller and a wrong token are refused`() async throws {
    try await LoopRunner.run { loop in
      let world = try await ControllerWorld.open(loop)
      try await world.startController()
      let second = ControllerStage(loop: loop, options: try world.controllerOptions())
      await #expect {
        try await second.run(started: {})
      } throws: { error in
        (error as? ControllerError)?.code == .locked
      }
      let stranger = ControllerClient(
        loop: loop, address: .unix(path: world.directory + "/socket"), clusterToken: "guess")
      await #expect {
        try await stranger.perform(world.newDeployment("hello").action)
      } throws: { error in
        (error as? ControllerClientError)?.code == .forbidden
      }
      stranger.close()
      try await world.close()
    }
  }

  @Test(.timeLimit(.minutes(1))) func `Code is read back by its reference, and what is not there is missing`()
    async throws
  {
    try await LoopRunner.run { loop in
      let world = try await ControllerWorld.open(loop)
      var known: [CodeDigest: CodeReference] = [:]
      let store = ContentStore(
        loop: loop, options: world.options, context: RecordContext(source: "/test"), known: { known[$0] })
      let packages = [0, 1, 768 * 1_024, 3_000_000].map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
      }
      var references: [CodeReference] = []
      for package in packages { references.append(try await store.store(package)) }
      for (package, reference) in zip(packages, references).reversed() {
        #expect(try await store.fetch(reference) == package)
        known[reference.digest] = reference
        #expect(try await store.store(package) == reference)
      }
      #expect(references.map(\.firstOffset) == [0, 1, 2, 3] && references.map(\.chunkCount) == [1, 1, 1, 4])
      let last = references[3]
      let lying = CodeReference(
        digest: last.digest, partition: 0, firstOffset: last.firstOffset + 1, byteCount: last.byteCount, chunkCount: 4)
      await #expect {
        try await store.fetch(lying)
      } throws: { error in
        (error as? CodeStoreError)?.code == .missing
      }
      await store.close()
      try await world.close()
    }
  }

  func checkOrder(_ records: [CatalogueChangeRecord]) throws {
    for (before, record) in zip(records, records.dropFirst()) {
      let follows =
        record.index == before.index
        ? record.position == before.position + 1
        : record.index > before.index && record.position == 0 && before.isLastOfIndex
      #expect(follows, "\(before.index)/\(before.position) is followed by \(record.index)/\(record.position)")
    }
  }
}
