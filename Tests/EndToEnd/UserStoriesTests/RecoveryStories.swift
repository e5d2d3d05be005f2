import RealServers
import SimulationKit
import Testing

@Suite("An operator's bad day", .serialized, .enabled(if: PlatformUnderTest.isPossible, "\(PlatformUnderTest.absence)"))
struct RecoveryStories {
  @Test("a second `up` on the same data refuses, `kill -9` of everything loses nothing, `up` again recovers")
  func killEverything() async throws {
    let platform = try await PlatformUnderTest(kafka: ApacheKafkaFixture.start())
    try await platform.start()
    _ = try await platform.deploy(
      "survivor", "import time\ndef handler(event, context):\n    time.sleep(0.05)\n    return event\n")

    let second = try await platform.millrace(
      ["up", "--data", platform.data, "--listen", "127.0.0.1:0", "--kafka", platform.kafka.bootstrapServers])
    #expect(second.exitCode != 0)
    #expect(second.errorOutput.contains(platform.data))

    var ids: [String] = []
    for number in 0..<20 { ids.append(try await platform.invokeWithoutWaiting("survivor", "\(number)")) }
    try await platform.killEverything()
    try await platform.start()
    for id in ids { #expect(try await platform.awaitEnd(id).status == "succeeded") }
    let rows = try await platform.rows("SELECT count(*), count(DISTINCT invocation_id) FROM millrace.attempts")
    #expect(rows == [["20", "20"]])
    await platform.stop()
    platform.kafka.stop()
  }

  @Test("a Kafka that is not there is told, with the address and what to do")
  func kafkaIsAway() async throws {
    let platform = try await PlatformUnderTest(kafka: ApacheKafkaFixture.shared())
    let run = try await platform.millrace([
      "up", "--data", platform.data, "--listen", "127.0.0.1:0", "--kafka", "127.0.0.1:1",
    ])
    #expect(run.exitCode == 69)
    #expect(run.errorOutput.contains("127.0.0.1:1"))
  }

  @Test("a database that is away at the start is told, and everything works once it is there")
  func databaseIsAway() async throws {
    let platform = try await PlatformUnderTest(kafka: ApacheKafkaFixture.start())
    let postgres = try await PostgresFixture.start()
    let url = try await postgres.createDatabase()
    try await postgres.kill()
    try await platform.begin(["--postgres", url])
    try await platform.wait("telling what it lacks") {
      platform.upLog.contains("the database of --postgres does not answer yet")
        && platform.upLog.contains("not ready yet: database")
    }
    #expect(try await platform.http("GET", "/readyz").status == 503)
    #expect(!platform.upLog.contains("Millrace is ready"))
    try await postgres.restart()
    try await platform.awaitReady()
    _ = try await platform.deploy("late", "def handler(event, context):\n    return 'recorded'\n")
    #expect(try await platform.millrace(["invoke", "late"]).exitCode == 0)
    let id = try await platform.invokeWithoutWaiting("late", "1")
    #expect(try await platform.awaitEnd(id).status == "succeeded")
    await platform.stop()
    platform.kafka.stop()
    postgres.stop()
  }

  @Test("an address that is none is refused before anything runs")
  func databaseAddressIsWrong() async throws {
    let platform = try await PlatformUnderTest(kafka: ApacheKafkaFixture.shared())
    let run = try await platform.millrace([
      "up", "--data", platform.data, "--listen", "127.0.0.1:0", "--kafka", platform.kafka.bootstrapServers,
      "--postgres", "nonsense",
    ])
    #expect(run.exitCode == 1 && run.errorOutput.contains("--postgres: "), "\(run.errorOutput)")
  }

  @Test("random kills under load lose and double nothing")
  func shortChaos() async throws {
    let platform = try await PlatformUnderTest(kafka: ApacheKafkaFixture.shared())
    let run = try await CommandRun.run(
      "\(ProjectFolder.path)/script/chaos",
      [
        "--kills", "4", "--seed", "\(UInt16.random(in: 0 ... .max))", "--pause", "0.05", "--binary",
        PlatformUnderTest.binary,
      ],
      environment: platform.environment, on: platform.loop, within: .seconds(600))
    #expect(run.exitCode == 0, "\(run.output.suffix(3000)) \(run.errorOutput.suffix(2000))")
    #expect(run.output.contains(", lost 0, doubled 0"))
  }
}
