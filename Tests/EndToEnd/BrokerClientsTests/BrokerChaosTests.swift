import FoundationEssentials
import SimulationKit
import Testing

/// Goal: whatever the moment at which the broker is killed, nothing acknowledged is lost, doubled or reordered.
@Suite("An audit of the embedded broker under kills", .serialized, .needs(ClientProgram.librdkafka))
struct BrokerChaosTests {
  @Test func `thirty kills leave every promise kept`() async throws {
    let output = try await Installed.run(
      [
        "\(ProjectFolder.path)/script/chaos-broker", "--kills", "30", "--seed", "\(UInt16.random(in: 0 ... .max))",
        "--binary", "\(ProjectFolder.path)/.build/debug/millrace",
      ], within: .seconds(600))
    #expect(output.contains(", lost 0, doubled 0, reordered 0"), "\(output.suffix(2_000))")
  }
}
