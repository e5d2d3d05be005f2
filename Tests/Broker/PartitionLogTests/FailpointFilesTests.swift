import PartitionLog
import Synchronization
import Testing

struct FailpointFilesTests {
  /// Goal: each moment is met when it comes, the so many-th time and only then.
  @Test(arguments: Failpoint.Moment.allCases)
  func `the process ends at the moment that was chosen`(_ moment: Failpoint.Moment) throws {
    let scene = try LogScene { $0.segmentBytes = 300 }
    let strikes = Strikes()
    scene.files = FailpointFiles(DiskFiles(), Failpoint(moment, count: 2)) { strikes.add() }
    let log = try scene.open()
    let metadata = try scene.files.open("\(scene.directory)/metadata.log", .orCreate)
    for round in 1...4 {
      let before = strikes.count
      // One batch fills a segment: from the second round on, each begins with a roll.
      try scene.append(log, [String(repeating: "x", count: 200)])
      let ticket = try #require(try log.syncTicket())
      if moment == .failedSync, round == 2 {
        let error = #expect(throws: FileError.self) { try ticket.sync() }
        #expect(error?.isFailedSync == true)
      } else {
        try ticket.sync()
        log.finish(ticket)
      }
      try metadata.write([[1]], at: Int64(round))
      let expected =
        switch moment {
        case .afterWrite, .midMetadata: round == 2 ? 1 : 0
        // The second round's sync covers the segment that was closed, too.
        case .afterSync: round == 2 ? 1 : 0
        // A new partition has a snapshot from the first; each roll makes another.
        case .midSnapshot: round == 2 ? 1 : 0
        case .midRoll: round == 3 ? 1 : 0
        // Told, not killed.
        case .failedSync: 0
        }
      #expect(strikes.count - before == expected, "\(moment) in round \(round)")
    }
  }

  /// Goal: what names no moment is not taken for one.
  @Test func `a failpoint is a name and a number`() {
    #expect(Failpoint("mid-roll:3") == Failpoint(.midRoll, count: 3))
    for wrong in ["", "mid-roll", "mid-roll:", "mid-roll:0", "mid-roll:-1", "mid-roll:x", "middle:1", "mid-roll:1:1"] {
      #expect(Failpoint(wrong) == nil, "\(wrong)")
    }
    #expect(FailpointFiles.fromEnvironment(nil, over: DiskFiles()) is DiskFiles)
    #expect(FailpointFiles.fromEnvironment("", over: DiskFiles()) is DiskFiles)
    #expect(FailpointFiles.fromEnvironment("after-sync:1", over: DiskFiles()) is FailpointFiles)
  }
}

private final class Strikes: Sendable {
  private let number = Atomic(0)
  var count: Int { number.load(ordering: .relaxed) }
  func add() { number.add(1, ordering: .relaxed) }
}
