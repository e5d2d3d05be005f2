import EventLoop
import FoundationEssentials
import RealServers
import SimulationKit
import Testing

/// Clients that work when the broker is killed go on when it is back, whichever log it is: a producer's records are there
/// once and in order, and the members of a group keep their partitions.
@Suite("Clients of a broker that is killed", .serialized, .needs(ClientProgram.confluent))
struct RestartTests {
  @Test(.needs(Log.embedded)) func embeddedBroker() async throws { try await killUnderWork(.embedded) }
  @Test(.needs(Log.apacheKafka)) func apacheKafka() async throws { try await killUnderWork(.apacheKafka) }

  private func killUnderWork(_ kind: Log) async throws {
    let log = try await kind.start()
    defer { log.stop() }
    let loop = try Installed.loop.get()
    let words = [
      Installed.clientPython ?? "", "-B", "\(ClientProgram.folder)/survivor.py", log.bootstrapServers, "survivor",
      log.directory,
    ]
    async let output = Installed.run(words, within: .seconds(180))
    for _ in 0..<6000 where !isThere("\(log.directory)/working") { try await loop.sleep(for: .milliseconds(10)) }
    try await log.kill()
    try await log.resume()
    _ = FileManager.default.createFile(atPath: "\(log.directory)/resumed", contents: nil)
    let facts = try await ClientFacts(line: output, prefix: "")
    let recording = ClientFacts.Recording(name: "survivor")
    if ClientFacts.Recording.isWanted, kind == .apacheKafka { try recording.write(facts) }
    for difference in try facts.differences(from: recording.read()) { Issue.record("\(kind): \(difference)") }
  }

  private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
