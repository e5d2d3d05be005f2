import FoundationEssentials
import Glibc
import RealServers
import Testing

/// The embedded broker beside what was recorded of Apache Kafka in `../shared/broker-conformance`.
@Suite(
  "Conformance", .serialized, .needs(Log.embedded),
  .enabled(if: Installed.clientPython != nil, "script/install test-clients was not run"),
  .enabled(if: access(Installed.conformance, R_OK) == 0, "\(Installed.conformance) is not there"))
struct ConformanceTests {
  /// Each of the probe's answers is Apache Kafka's, or listed with a reason in docs/reference/broker.md. Transactions are
  /// not offered yet, so their section is not compared.
  @Test func probesAnswerAsApacheKafkaDoes() async throws {
    // Where records are durable before they can be read, one with acks 0 or 1 can be read a moment after its answer: not here.
    let log = try await BrokerFixture.start(
      settings: ["auto.create.topics.enable=true"], words: ["--durability", "os"])
    defer { log.stop() }
    let bytes = FileManager.default.contents(atPath: "\(Installed.conformance)/probe.expected.txt") ?? Data()
    let recorded = ProbeAnswers(recorded: String(decoding: bytes, as: UTF8.self))
    #expect(recorded.answers.count > 150)
    let output = try await Installed.run(
      [Installed.clientPython ?? "", "-B", "\(Installed.conformance)/probe.py", log.bootstrapServers],
      within: .seconds(240))
    let faults = try ProbeAnswers(output, probedLike: recorded).faults(
      beside: recorded, deviations: Deviation.listed(), except: ["TXN"])
    for fault in faults { Issue.record("\(fault)") }
  }

  /// All clients at once, through a proxy that ends the connection of one that asks for what the specification's table of
  /// APIs does not have: none does, and each meets what it meets alone.
  @Test func clientsStayWithinTheAdvertisedTable() async throws {
    let port = FreePort.pick()
    let log = try await BrokerFixture.start(
      settings: ["auto.create.topics.enable=true"], words: ["--advertised", "127.0.0.1:\(port)"])
    defer { log.stop() }
    let proxy = try await NarrowProxy(listening: port, before: log)
    try await withThrowingTaskGroup(of: (ClientProgram, ClientFacts).self) { group in
      for program in ClientProgram.allCases where program.isThere {
        group.addTask { (program, try await program.run(against: "127.0.0.1:\(port)")) }
      }
      for try await (program, facts) in group {
        for difference in try facts.differences(from: program.recording.read()) {
          Issue.record("\(program.rawValue): \(difference)")
        }
      }
    }
    let requests = await proxy.stop()
    #expect(requests.count > 50)
    for line in requests where line.contains("VIOLATION") { Issue.record("\(line)") }
  }
}
