import RealServers
import Testing

/// Every client meets on the embedded broker what it meets on Apache Kafka.
@Suite("Clients on the embedded broker", .serialized, .needs(Log.embedded))
struct EmbeddedBrokerClientsTests {
  @Test(.needs(ClientProgram.librdkafka)) func librdkafka() async throws { try await check(.librdkafka) }
  @Test(.needs(ClientProgram.confluent)) func confluent() async throws { try await check(.confluent) }
  @Test(.needs(ClientProgram.kafkaPython)) func kafkaPython() async throws { try await check(.kafkaPython) }
  @Test(.needs(ClientProgram.aiokafka)) func aiokafka() async throws { try await check(.aiokafka) }
  @Test(.needs(ClientProgram.kcat)) func kcat() async throws { try await check(.kcat) }
  @Test(.needs(ClientProgram.java)) func java() async throws { try await check(.java) }

  private func check(_ program: ClientProgram) async throws {
    let log = try await LogsUnderTest.running(.embedded)
    let facts = try await program.run(against: log.bootstrapServers)
    for difference in try facts.differences(from: program.recording.read()) {
      Issue.record("\(program.rawValue): \(difference)")
    }
  }
}
