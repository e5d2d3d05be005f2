import Catalogue
import MillraceDomain
import SimulationKit
import Testing

@Suite struct CatalogueStateTests {
  private var state = CatalogueState()
  private var generator = SeededGenerator(seed: 1)
  private let hello = try! FunctionName("hello")
  private var milliseconds: Int64 = 1_000

  @discardableResult
  private mutating func run(_ action: CatalogueCommand.Action) -> CatalogueAnswer {
    milliseconds += 1
    return state.apply(
      CatalogueCommand(at: Timestamp(milliseconds: milliseconds), action), at: state.appliedIndex.next
    ).answer
  }

  private mutating func newDeployment(of function: FunctionName? = nil) -> DeploymentID {
    let id = DeploymentID(at: Timestamp(milliseconds: milliseconds), using: &generator)
    run(.registerDeployment(id: id, namespace: .standard, function: function ?? hello))
    return id
  }

  private mutating func publish(_ id: DeploymentID) -> CatalogueAnswer {
    let digest = try! CodeDigest(bytes: [UInt8](repeating: 7, count: 32))
    let configuration = FunctionConfiguration(
      handler: try! HandlerName("app.handler"), runtime: try! RuntimeName("python3.12"))
    return run(
      .publishVersion(
        deployment: id, configuration: configuration,
        code: CodeReference(digest: digest, partition: 0, firstOffset: 1, byteCount: 2, chunkCount: 1)))
  }

  private func versionNumber(_ answer: CatalogueAnswer) -> Int32? {
    guard case .accepted(.version(let version)) = answer else { return nil }
    return version.number.number
  }

  private func code(_ answer: CatalogueAnswer) -> CatalogueRejection.Code? {
    guard case .rejected(let rejection) = answer else { return nil }
    return rejection.code
  }

  @Test mutating func `A deployment goes from pending over building to active and makes a version`() {
    let id = newDeployment()
    run(.startBuild(deployment: id))
    #expect(versionNumber(publish(id)) == 1)
    #expect(versionNumber(publish(id)) == 1)
    #expect(versionNumber(publish(newDeployment())) == 2)
    #expect(code(run(.failDeployment(deployment: id, reason: "late"))) == .alreadyFinished)
    #expect(
      state.entities.contains { entity in
        guard case .function(let function) = entity else { return false }
        return function.name == hello && function.latestVersion.number == 2
      })
  }

  @Test mutating func `A failed deployment stays failed`() {
    let id = newDeployment()
    run(.failDeployment(deployment: id, reason: "syntax error"))
    #expect(code(publish(id)) == .alreadyFinished)
    guard case .accepted(.deployment(let deployment)) = run(.failDeployment(deployment: id, reason: "other")) else {
      Issue.record("a repeat was rejected")
      return
    }
    #expect(deployment.state == .failed && deployment.reason == "syntax error")
  }

  @Test mutating func `Deleting a function fails what is being built and keeps version numbers apart`() {
    #expect(versionNumber(publish(newDeployment())) == 1)
    let unfinished = newDeployment()
    run(.deleteFunction(namespace: .standard, function: hello))
    #expect(code(run(.deleteFunction(namespace: .standard, function: hello))) == .unknownFunction)
    #expect(code(publish(unfinished)) == .alreadyFinished)
    #expect(versionNumber(publish(newDeployment())) == 2)
  }

  @Test mutating func `Unknown names and ids are rejected with their own codes`() {
    let elsewhere = try! NamespaceName("elsewhere")
    let id = DeploymentID(at: Timestamp(milliseconds: 1), using: &generator)
    #expect(code(run(.registerDeployment(id: id, namespace: elsewhere, function: hello))) == .unknownNamespace)
    #expect(code(publish(id)) == .unknownDeployment)
    let token = TokenID(at: Timestamp(milliseconds: 1), using: &generator)
    #expect(code(run(.revokeToken(id: token))) == .unknownToken)
    #expect(code(run(.createToken(id: token, namespace: .standard, name: "a", secretDigest: "no"))) == .badValue)
    let digest = String(repeating: "a", count: 64)
    #expect(code(run(.createToken(id: token, namespace: .standard, name: "a", secretDigest: digest))) == nil)
    let other = String(repeating: "b", count: 64)
    #expect(code(run(.createToken(id: token, namespace: .standard, name: "a", secretDigest: other))) == .conflict)
  }

  @Test mutating func `The oldest finished deployment goes when there are too many`() {
    let unfinished = newDeployment()
    let oldest = newDeployment()
    run(.failDeployment(deployment: oldest, reason: "first"))
    for _ in 2..<CatalogueLimits.deployments { _ = newDeployment() }
    _ = newDeployment()
    #expect(code(run(.startBuild(deployment: oldest))) == .unknownDeployment)
    #expect(code(run(.startBuild(deployment: unfinished))) == nil)
    let refused = DeploymentID(at: Timestamp(milliseconds: 1), using: &generator)
    #expect(code(run(.registerDeployment(id: refused, namespace: .standard, function: hello))) == .limitExceeded)
  }

  @Test mutating func `A function has a bounded number of versions`() {
    for _ in 0..<CatalogueLimits.versionsPerFunction { _ = publish(newDeployment()) }
    let id = DeploymentID(at: Timestamp(milliseconds: 1), using: &generator)
    #expect(code(run(.registerDeployment(id: id, namespace: .standard, function: hello))) == .limitExceeded)
  }
}
