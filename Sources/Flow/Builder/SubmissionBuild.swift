internal import Catalogue
internal import CodeStore
internal import ControlWire
internal import ControllerClient
internal import EventLoop
internal import LogContracts
internal import MillraceDomain
internal import PythonSandbox

/// Builds one submission, from the upload to the version. May be repeated at any point: the controller knows what is done.
final class SubmissionBuild: Sendable {
  /// What a submission came to.
  enum Outcome: Sendable {
    case published(VersionNumber)
    case failed(BuilderError)
    /// It had come to something before.
    case repeated
  }

  private let loop: EventLoop
  private let controller: ControllerClient
  private let store: ContentStore
  private let pool: BlockingPool
  private let interpreters: [PythonInterpreter]

  init(
    loop: EventLoop, controller: ControllerClient, store: ContentStore, pool: BlockingPool,
    interpreters: [PythonInterpreter]
  ) {
    self.loop = loop
    self.controller = controller
    self.store = store
    self.pool = pool
    self.interpreters = interpreters
  }

  /// Builds and publishes, or tells the controller why not.
  ///
  /// - Throws: ``BuilderError`` with `unavailable`, to be tried again, or `unknownDeployment`, for `deadletters`.
  func run(_ submission: SubmissionRecord) async throws(BuilderError) -> Outcome {
    let deployment = try await begin(submission)
    guard BuilderRules.course(of: deployment) == .build else { return .repeated }
    do throws(BuilderError) {
      let code = try await packagedCode(of: submission)
      return .published(try await publish(submission, code))
    } catch {
      if error.isRetriable { throw error }
      try await fail(submission, error)
      return .failed(error)
    }
  }

  private func begin(_ submission: SubmissionRecord) async throws(BuilderError) -> CatalogueDeployment {
    switch try await perform(.startBuild(deployment: submission.deployment)) {
    case .accepted(.deployment(let deployment)):
      guard deployment.namespace == submission.namespace, deployment.function == submission.function else {
        throw BuilderError(.unknownDeployment, "the deployment \(deployment.id) is of another function")
      }
      return deployment
    case .rejected(let rejection): throw BuilderError(.unknownDeployment, rejection.message)
    case .accepted(let outcome): preconditionFailure("startBuild answers with a deployment, not \(outcome)")
    }
  }

  /// Checks the upload, makes the package, and puts it on the log.
  private func packagedCode(of submission: SubmissionRecord) async throws(BuilderError) -> CodeReference {
    let runtime = submission.configuration.runtime
    try BuilderRules.checkRuntime(runtime, among: interpreters.map(\.runtime))
    do throws(DomainError) { try submission.configuration.validate() } catch {
      throw BuilderError(.rejected, error.message)
    }
    let upload = try await fetch(submission.upload)
    let maker = PackageMaker(handler: submission.configuration.handler, archive: submission.archive)
    let package = try await make(maker, upload)
    guard let interpreter = interpreters.first(where: { $0.runtime == runtime.text }) else {
      preconditionFailure("the runtime was found before")
    }
    try await SourceCheck.parse(
      package.handlerSource, named: package.handlerPath, with: interpreter, on: loop)
    do throws(CodeStoreError) { return try await store.store(package.bytes) } catch {
      throw BuilderError(error.isRetriable ? .unavailable : .badArchive, error.message)
    }
  }

  private func fetch(_ reference: CodeReference) async throws(BuilderError) -> [UInt8] {
    do throws(CodeStoreError) { return try await store.fetch(reference) } catch {
      throw BuilderError(error.isRetriable ? .unavailable : .lostUpload, "the upload is lost: \(error.message)")
    }
  }

  private func make(_ maker: PackageMaker, _ upload: [UInt8]) async throws(BuilderError) -> PackageMaker.Package {
    do { return try await pool.run { try maker.package(from: upload) } } catch let error as BuilderError {
      throw error
    } catch {
      throw BuilderError(.unavailable, "the builder is busy: \(error)")
    }
  }

  private func publish(
    _ submission: SubmissionRecord, _ code: CodeReference
  ) async throws(BuilderError) -> VersionNumber {
    let action = CatalogueCommand.Action.publishVersion(
      deployment: submission.deployment, configuration: submission.configuration, code: code)
    switch try await perform(action) {
    case .accepted(.version(let version)): return version.number
    case .rejected(let rejection): throw BuilderError(.rejected, rejection.message)
    case .accepted(let outcome): preconditionFailure("publishVersion answers with a version, not \(outcome)")
    }
  }

  /// A rejection means that the deployment has come to something else meanwhile: that stands.
  private func fail(_ submission: SubmissionRecord, _ error: BuilderError) async throws(BuilderError) {
    let reason = String(error.message.prefix(BuilderLimits.reasonCharacters))
    _ = try await perform(.failDeployment(deployment: submission.deployment, reason: reason))
  }

  private func perform(_ action: CatalogueCommand.Action) async throws(BuilderError) -> CatalogueAnswer {
    do throws(ControllerClientError) { return try await controller.perform(action).answer } catch {
      throw BuilderError(.unavailable, "the controller does not answer: \(error.message)")
    }
  }
}
