import Glibc
import RealServers
import SimulationKit
import Testing

@Suite("An operator's bad day", .serialized, .enabled(if: PlatformUnderTest.isPossible, "\(PlatformUnderTest.absence)"))
struct RecoveryStories {
  @Test(
    "a second `up` on the same data refuses, `kill -9` of everything loses nothing, `up` again recovers",
    arguments: PlatformUnderTest.logs)
  func killEverything(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest(log)
    try await platform.start()
    _ = try await platform.deploy(
      "survivor", "import time\ndef handler(event, context):\n    time.sleep(0.05)\n    return event\n")

    let second = try await platform.millrace(
      ["up", "--data", platform.data, "--listen", "127.0.0.1:0"] + platform.logWords)
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
  }

  @Test("a Kafka that is not there is told, with the address and what to do")
  func kafkaIsAway() async throws {
    let platform = try await PlatformUnderTest(.embedded)
    let run = try await platform.millrace([
      "up", "--data", platform.data, "--listen", "127.0.0.1:0", "--kafka", "127.0.0.1:1",
    ])
    #expect(run.exitCode == 69)
    #expect(run.errorOutput.contains("127.0.0.1:1"))
    await platform.stop()
  }

  @Test("a port of the broker's that is taken is told, with the address and what to do")
  func brokerPortIsTaken() async throws {
    let platform = try await PlatformUnderTest(.embedded)
    let taken = try TakenPort()
    let run = try await platform.millrace([
      "up", "--data", platform.data, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:\(taken.port)",
    ])
    #expect(run.exitCode == 1)
    #expect(run.errorOutput.contains("127.0.0.1:\(taken.port)"), "\(run.errorOutput)")
    await platform.stop()
  }

  @Test(
    "a database that is away at the start is told, and everything works once it is there",
    arguments: PlatformUnderTest.logs)
  func databaseIsAway(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest(log)
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
    postgres.stop()
  }

  @Test("an address that is none is refused before anything runs")
  func databaseAddressIsWrong() async throws {
    let platform = try await PlatformUnderTest(.embedded)
    let run = try await platform.millrace(
      ["up", "--data", platform.data, "--listen", "127.0.0.1:0", "--postgres", "nonsense"] + platform.logWords)
    #expect(run.exitCode == 1 && run.errorOutput.contains("--postgres: "), "\(run.errorOutput)")
    await platform.stop()
  }

  @Test("random kills under load lose and double nothing", arguments: PlatformUnderTest.logs)
  func shortChaos(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest(.embedded)
    let run = try await CommandRun.run(
      "\(ProjectFolder.path)/script/chaos",
      [
        "--kills", "4", "--seed", "\(UInt16.random(in: 0 ... .max))", "--pause", "0.05", "--log", log.chaosName,
        "--binary", PlatformUnderTest.binary,
      ],
      environment: platform.environment, on: platform.loop, within: .seconds(600))
    #expect(run.exitCode == 0, "\(run.output.suffix(3000)) \(run.errorOutput.suffix(2000))")
    #expect(run.output.contains(", lost 0, doubled 0"))
    await platform.stop()
  }
}

extension PlatformUnderTest.Log {
  /// What `script/chaos --log` calls it.
  fileprivate var chaosName: String {
    switch self {
    case .embedded: "embedded"
    case .apacheKafka: "kafka"
    }
  }
}

/// A port of loopback that somebody listens at.
private final class TakenPort {
  let port: UInt16
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isListening else { throw StoryFailure("no port can be taken") }
  }

  deinit { close(descriptor) }
}
