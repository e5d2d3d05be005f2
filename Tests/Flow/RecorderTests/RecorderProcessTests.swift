import EventLog
import EventLoop
import Glibc
import MillraceDomain
import Postgres
import Processes
import RealServers
import Testing

@testable import Recorder

/// The program itself, found beside the tests.
private let program =
  String(CommandLine.arguments[0].prefix(through: CommandLine.arguments[0].lastIndex(of: "/")!)) + "millrace"

@Suite(
  .enabled(
    if: RecorderHarness.isAvailable && access(program, X_OK) == 0,
    "PostgreSQL, Apache Kafka or the program is not there"),
  .timeLimit(.minutes(5)))
struct RecorderProcessTests {
  @Test("kill -9 of the recorder's process under load, again and again: everything is recorded once")
  func recorderIsKilled() async throws {
    let broker = try await ApacheKafkaFixture.start()
    defer { broker.stop() }
    try await RecorderHarness.run(broker: broker, topics: .declared) { harness in
      var ids: Set<InvocationID> = []
      for round in 1...5 as ClosedRange<UInt64> {
        let recorder = try Self.start(harness)
        let recorded = try await Self.recordedCount(harness)
        ids.formUnion(try await RecorderStageTests.append(200, seed: round, to: harness))
        // It is killed while it is at it: when something of this round is recorded, and hardly all.
        while try await Self.recordedCount(harness) <= recorded { await Task.yield() }
        recorder.kill()
        #expect(await recorder.exit() == .killed(signal: SIGKILL))
      }
      let last = try Self.start(harness)
      ids.formUnion(try await RecorderStageTests.append(50, seed: 6, to: harness))
      try await harness.everythingIsRecorded()
      last.terminate()
      #expect(await last.exit() == .exited(0))
      try await RecorderStageTests.expectRecorded(ids, in: harness)
    }
  }

  private static func start(_ harness: RecorderHarness) throws -> ChildProcess {
    let specification = ProcessSpecification(
      program: program,
      arguments: [
        "serve", "--roles", "recorder", "--kafka", harness.log.bootstrapServers, "--postgres", harness.database.url,
      ], environment: [:])
    return try ChildProcess(specification, on: harness.loop)
  }

  private static func recordedCount(_ harness: RecorderHarness) async throws -> Int64 {
    let present = try await harness.query("SELECT to_regclass('millrace.invocations') IS NOT NULL AS present")
    guard try present[0].value("present", as: Bool.self) else { return 0 }
    return try await harness.query("SELECT count(*) AS n FROM millrace.invocations")[0].value("n")
  }
}
