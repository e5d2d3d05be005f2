import Glibc
import MillraceDomain
import Testing

@Suite(
  "An event producer with any Kafka client", .serialized,
  .enabled(if: PlatformUnderTest.isPossible && Kcat.isThere, "\(PlatformUnderTest.absence), and kcat"))
struct LogStories {
  private func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return InvocationID(at: Timestamp(milliseconds: Int64(time.tv_sec) * 1000), using: &generator).description
  }

  private func headers(_ id: String, function: String, schemaVersion: String = "1") -> [(String, String)] {
    [
      ("ce_specversion", "1.0"), ("ce_id", id), ("ce_source", "/story"), ("ce_type", "millrace.task"),
      ("ce_schemaversion", schemaVersion), ("ce_function", function),
    ]
  }

  @Test(
    "a task in the documented form runs and is recorded like one from the gateway", arguments: PlatformUnderTest.logs)
  func taskFromKcat(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    _ = try await platform.deploy("direct", "def handler(event, context):\n    return event['n'] + 1\n")
    let id = newID()
    try await Kcat.produce("millrace.tasks", headers: headers(id, function: "direct"), value: #"{"n":1}"#, platform)
    #expect(try await platform.awaitEnd(id).status == "succeeded")
    let result = try await platform.millrace(["invocations", "result", id])
    #expect(result.output.filter { !$0.isWhitespace } == "2")
  }

  @Test(
    "a malformed task goes to deadletters with the reason, and those behind it run", arguments: PlatformUnderTest.logs)
  func malformedTask(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    _ = try await platform.deploy("behind", "def handler(event, context):\n    return 'ran'\n")
    let (bad, good) = (newID(), newID())
    try await Kcat.produce(
      "millrace.tasks", headers: headers(bad, function: "behind", schemaVersion: "999"), value: "{}", platform)
    try await Kcat.produce("millrace.tasks", headers: headers(good, function: "behind"), value: "{}", platform)
    #expect(try await platform.awaitEnd(good).status == "succeeded")
    // Once `dead` is recorded, so is all that the recorder has to say on the record.
    #expect(try await platform.awaitEnd(bad).status == "dead")
    let letters = try await Kcat.read("millrace.deadletters", format: "%h\n", platform).filter { $0.contains(bad) }
    #expect(letters.count == 1)
    #expect(
      letters.contains {
        $0.contains("ce_reasoncode=unknown_schema_version") && $0.contains("original-ce_function=behind")
      })
  }

  /// Of the embedded broker only: another Kafka's settings are its own.
  @Test("a topic's name mistyped is told, and makes no topic")
  func mistypedTopic() async throws {
    let platform = try await PlatformUnderTest.shared(.embedded)
    let limits = ["-X", "topic.metadata.propagation.max.ms=500", "-X", "message.timeout.ms=5000"]
    let run = try await platform.run(
      "kcat", ["-P", "-b", platform.bootstrapServers, "-t", "millrace.taks"] + limits, input: "{}")
    #expect(run.exitCode != 0)
    #expect(run.errorOutput.contains("Unknown topic"), "\(run.errorOutput)")
    let topics = try await platform.run("kcat", ["-L", "-b", platform.bootstrapServers])
    #expect(
      topics.output.contains("\"millrace.tasks\"") && !topics.output.contains("millrace.taks"), "\(topics.output)")
  }

  @Test("a task for a function that is not there ends dead, and says so", arguments: PlatformUnderTest.logs)
  func unknownFunction(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    let id = newID()
    try await Kcat.produce("millrace.tasks", headers: headers(id, function: "nobody"), value: "{}", platform)
    #expect(try await platform.awaitEnd(id).status == "dead")
  }
}
