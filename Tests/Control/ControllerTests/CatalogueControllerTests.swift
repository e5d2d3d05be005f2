import Catalogue
import ControlWire
import Controller
import EventLoop
import LogContracts
import MillraceDomain
import SimulationKit
import Testing

/// Lives of a controller that end in power cuts, with a feed that loses connections.
@Suite struct CatalogueControllerTests {
  /// Everything a life of the controller leaves behind.
  private final class World: @unchecked Sendable {
    let loop: EventLoop
    let files = PowerCutFiles()
    let feed: UnreliableFeed
    var generator: SeededGenerator
    /// The entities that accepted commands made, by key.
    var answered: Set<CatalogueKey> = []
    var milliseconds: Int64 = 1_700_000_000_000

    init(_ loop: EventLoop, _ generator: inout SeededGenerator, failureRate: Int) {
      self.loop = loop
      feed = UnreliableFeed(loop: loop, failureRate: failureRate, using: &generator)
      self.generator = generator.split()
    }

    func open() async throws -> CatalogueController {
      try await CatalogueController.open(
        files: files, feed: feed, on: loop, entriesPerSnapshot: 15, retryInterval: .milliseconds(1))
    }

    func nextAction() -> CatalogueCommand.Action {
      milliseconds += 1
      let time = Timestamp(milliseconds: milliseconds)
      let function = try! FunctionName(["alpha", "beta"].randomElement(using: &generator)!)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        return .createToken(
          id: TokenID(at: time, using: &generator), namespace: .standard, name: "t",
          secretDigest: String(repeating: "ab", count: 32))
      case 1:
        let unfinished = answered.compactMap { key in
          if case .deployment(let id) = key { id } else { nil }
        }
        guard let id = unfinished.min() else { fallthrough }
        return .failDeployment(deployment: id, reason: "no")
      default:
        return .registerDeployment(
          id: DeploymentID(at: time, using: &generator), namespace: .standard, function: function)
      }
    }

    func note(_ answer: CatalogueAnswer) {
      switch answer {
      case .accepted(.token(let token)): answered.insert(.token(token.id))
      case .accepted(.deployment(let deployment)): answered.insert(.deployment(deployment.id))
      case .accepted(.version), .accepted(.functionDeleted), .rejected: break
      }
    }

    /// The feed's records are one sequence without gap and without repeat.
    func checkOrder() throws {
      for (before, record) in zip(feed.records, feed.records.dropFirst()) {
        let follows =
          record.index == before.index
          ? record.position == before.position + 1 && record.count == before.count
          : record.index > before.index && record.position == 0 && before.isLastOfIndex
        try SeededProperty.claim(
          follows, "\(before.index)/\(before.position) is followed by \(record.index)/\(record.position)")
      }
    }

    /// What a reader of the feed has is what the catalogue has.
    func checkView(_ state: CatalogueState) throws {
      var view: [CatalogueKey: CatalogueEntity] = [:]
      for record in feed.records {
        switch record.change {
        case .put(let entity): view[entity.key] = entity
        case .delete(let key): view[key] = nil
        }
      }
      let entities = Dictionary(uniqueKeysWithValues: state.entities.map { ($0.key, $0) })
      try SeededProperty.claim(
        view == entities, "the feed's view has \(view.count) entities, the catalogue \(entities.count)")
    }

    /// Publishes everything without faults, checks, and ends.
    func finish() async throws -> CatalogueState {
      let controller = try await open()
      let run = Task(executorPreference: loop.tasks) { try await controller.run() }
      while !controller.status.isPublishing || controller.status.publishedIndex < controller.status.appliedIndex {
        try await loop.sleep(for: .milliseconds(1))
      }
      controller.stop()
      try await run.value
      try SeededProperty.claim(
        answered.isSubset(of: Set(controller.state.entities.map(\.key))), "an answered command is lost")
      try checkView(controller.state)
      return controller.state
    }

    /// Commands in bursts until the power is cut or the burst ends.
    func live(commands: Int) async throws {
      files.cutPower(after: Int.random(in: 0...30, using: &generator), using: &generator)
      defer { files.restart(using: &generator) }
      let controller: CatalogueController
      do { controller = try await open() } catch let error as ControllerError where error.code == .storage { return }
      let run = Task(executorPreference: loop.tasks) { try await controller.run() }
      for _ in 0..<commands {
        let outcomes = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
          controller.submit(nextAction(), at: Timestamp(milliseconds: milliseconds)) { [self] outcome in
            switch outcome {
            case .success(let response):
              note(response.answer)
              continuation.resume(returning: true)
            case .failure: continuation.resume(returning: false)
            }
          }
        }
        if !outcomes { break }
        if generator.isOne(in: 5) { try await loop.sleep(for: .milliseconds(1)) }
      }
      controller.stop()
      do { try await run.value } catch let error as ControllerError where error.code == .storage {}
    }
  }

  @Test func `Every answered command survives, and the feed has no gap and no repeat`() async throws {
    try await LoopRunner.run { loop in
      try await SeededProperty.holds(forSeeds: 40) { generator in
        let world = World(loop, &generator, failureRate: 12)
        for _ in 0..<5 {
          try await world.live(commands: 40)
          try world.checkOrder()
        }
        _ = try await world.finish()
        try world.checkOrder()
      }
    }
  }

  @Test func `A feed that lost what it had is told the whole state`() async throws {
    try await LoopRunner.run { loop in
      try await SeededProperty.holds(forSeeds: 30) { generator in
        let world = World(loop, &generator, failureRate: 25)
        for _ in 0..<6 {
          try await world.live(commands: 30)
          if generator.isOne(in: 3) { world.feed.empty() }
          if generator.isOne(in: 3) { world.feed.lose(Int.random(in: 1...20, using: &generator)) }
        }
        _ = try await world.finish()
      }
    }
  }

  @Test func `A feed of another catalogue is refused`() async throws {
    try await LoopRunner.run { loop in
      var generator = SeededGenerator(seed: 7)
      let first = World(loop, &generator, failureRate: 1_000_000)
      try await first.live(commands: 30)
      _ = try await first.finish()
      let other = try await CatalogueController.open(files: PowerCutFiles(), feed: first.feed, on: loop)
      await #expect {
        try await other.run()
      } throws: { error in
        (error as? ControllerError)?.code == .foreignTopic
      }
    }
  }
}
