import SimulationKit
import Testing

@testable import EmbeddedBroker

/// What holds of a group whatever its clients do.
@Suite struct GroupsPropertyTests {
  /// Goal: no partition is ever committed by a member of a generation that has passed, or by two members of one generation; the
  /// generation only grows; each request is answered once, and at last. Method: clients that join, work, change, die, come back
  /// and haunt, at random, under a broker that is started again now and then with what was durable.
  @Test func `two generations never own a partition`() throws {
    var (commits, refusals, restarts) = (0, 0, 0)
    try SeededProperty.holds(forSeeds: 150) { random in
      let crowd = GroupCrowd(&random)
      for _ in 0..<600 { try crowd.step() }
      try crowd.end()
      commits += crowd.commitCount
      refusals += crowd.refusalCount
      restarts += crowd.restartCount
    }
    #expect(commits > 1000, "clients got to work")
    #expect(refusals > 100, "some spoke too late")
    #expect(restarts > 50)
  }
}
