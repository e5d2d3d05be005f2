import Catalogue
import CatalogueView
import ControlWire
import ControllerClient
import EventLoop
import LogContracts
import MillraceDomain
import RealServers
import SimulationKit
import Testing

extension ControllerOnKafkaTests {
  /// What a client was told.
  private final class Answers: @unchecked Sendable {
    var deployments: [DeploymentID] = []
    var lastIndex = CatalogueIndex(0)
    var isDone = false
  }

  @Test(.timeLimit(.minutes(3)), .enabled(if: ControllerProcess.program != nil, "the program is not built"))
  func `A controller killed under a stream of commands loses no answer, and leaves no gap or repeat`() async throws {
    try await LoopRunner.run { loop in
      let world = try await ControllerWorld.open(loop)
      let answers = Answers()
      var process = try ControllerProcess(world)
      let streams = (0..<6).map { number in
        Task(executorPreference: loop.tasks) {
          while !answers.isDone {
            let deployment = world.newDeployment("f\(number)")
            let response = try await world.client.perform(deployment.action)
            guard case .accepted = response.answer else { continue }
            answers.deployments.append(deployment.id)
            answers.lastIndex = max(answers.lastIndex, response.index)
          }
        }
      }
      var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
      for _ in 0..<10 {
        let before = answers.deployments.count
        let wanted = before + Int.random(in: 1...150, using: &generator)
        while answers.deployments.count < wanted { try await loop.sleep(for: .milliseconds(1)) }
        await process.kill()
        process = try ControllerProcess(world)
      }
      answers.isDone = true
      for stream in streams { try await stream.value }
      let view = CatalogueView(loop: loop, options: world.options)
      try view.start()
      #expect(await view.waitUntilApplied(answers.lastIndex, within: .seconds(60)))
      let lost = answers.deployments.filter { view.tables.deployment($0) == nil }
      #expect(lost.isEmpty, "\(lost.count) of \(answers.deployments.count)")
      let feed = try await world.feed()
      try checkOrder(feed)
      #expect(Set(feed.map(\.change.key)).count == feed.count)
      await view.close()
      await process.kill()
      try await world.close()
    }
  }
}
