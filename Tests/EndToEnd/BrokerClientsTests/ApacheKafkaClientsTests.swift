import RealServers
import Testing

/// Each client's program meets on Apache Kafka what the folder `Recorded` says: it is what the embedded broker must answer.
///
/// With MILLRACE_RECORD_CLIENTS in the environment the recordings are written anew.
@Suite("Clients on Apache Kafka", .serialized, .needs(Log.apacheKafka))
struct ApacheKafkaClientsTests {
  @Test(.needs(ClientProgram.librdkafka)) func librdkafka() async throws { try await check(.librdkafka) }
  @Test(.needs(ClientProgram.confluent)) func confluent() async throws { try await check(.confluent) }
  @Test(.needs(ClientProgram.kafkaPython)) func kafkaPython() async throws { try await check(.kafkaPython) }
  @Test(.needs(ClientProgram.aiokafka)) func aiokafka() async throws { try await check(.aiokafka) }
  @Test(.needs(ClientProgram.kcat)) func kcat() async throws { try await check(.kcat) }
  @Test(.needs(ClientProgram.java)) func java() async throws { try await check(.java) }

  private func check(_ program: ClientProgram) async throws {
    let log = try await LogsUnderTest.running(.apacheKafka)
    let facts = try await program.run(against: log.bootstrapServers)
    if ClientFacts.Recording.isWanted { try program.recording.write(facts) }
    for difference in try facts.differences(from: program.recording.read()) {
      Issue.record("\(program.rawValue): \(difference)")
    }
  }
}
