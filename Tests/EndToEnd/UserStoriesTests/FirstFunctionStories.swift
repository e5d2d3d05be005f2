import EventLoop
import Testing

/// The answer of `millrace invocations show ID --output json`.
struct ShownInvocation: Decodable {
  struct Moment: Decodable {
    let state: String
    let topic: String?
    let partition: Int?
    let offset: Int?
  }
  let id: String
  let function: String
  let version: String?
  let status: String
  let attempts: Int
  let timeline: [Moment]

  private enum Key: String, CodingKey { case id, function, version, status, attempts, timeline }
  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    id = try fields.decode(String.self, forKey: .id)
    function = try fields.decode(String.self, forKey: .function)
    version =
      (try? fields.decode(String.self, forKey: .version))
      ?? (try? fields.decode(Int.self, forKey: .version)).map(String.init)
    status = try fields.decode(String.self, forKey: .status)
    attempts = try fields.decode(Int.self, forKey: .attempts)
    timeline = try fields.decode([Moment].self, forKey: .timeline)
  }
}

struct AcceptedInvocation: Decodable { let id: String }

extension PlatformUnderTest {
  /// Invokes without waiting and answers the id.
  func invokeWithoutWaiting(_ function: String, _ event: String) async throws -> String {
    let run = try await millrace(["invoke", function, "--event", event, "--async", "--output", "json"])
    guard run.exitCode == 0 else { throw StoryFailure("invoke --async: \(run.errorOutput)") }
    return try run.json(AcceptedInvocation.self).id
  }

  /// What is shown of an invocation once it has ended.
  func awaitEnd(_ id: String) async throws -> ShownInvocation {
    for _ in 0..<600 {
      let run = try await millrace(["invocations", "show", id, "--output", "json"])
      guard run.exitCode == 0 else { throw StoryFailure("show \(id): \(run.errorOutput)") }
      let shown = try run.json(ShownInvocation.self)
      if !["accepted", "running"].contains(shown.status) { return shown }
      try await loop.sleep(for: .milliseconds(100))
    }
    throw StoryFailure("\(id) did not end within 60 s")
  }
}

@Suite(
  "A person's first function", .serialized, .enabled(if: PlatformUnderTest.isPossible, "\(PlatformUnderTest.absence)"))
struct FirstFunctionStories {
  @Test("deploys, invokes and reads the answer as the quick start says", arguments: PlatformUnderTest.logs)
  func quickStart(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    #expect(try await platform.millrace(["init", "hello"]).exitCode == 0)
    let deployed = try await platform.millrace(["deploy", "hello"])
    #expect(deployed.exitCode == 0, "\(deployed.errorOutput)")
    let invoked = try await platform.millrace(["invoke", "hello", "--event", #"{"name":"world"}"#])
    #expect(invoked.exitCode == 0, "\(invoked.errorOutput)")
    #expect(invoked.output.contains("world"))
  }

  @Test(
    "invokes without waiting, sees the timeline, and the same outcome in SQL and on the log",
    arguments: PlatformUnderTest.logs)
  func everyStateIsVisible(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    _ = try await platform.deploy(
      "visible", "def handler(event, context):\n    print('seen', event['n'])\n    return event['n'] * 2\n")
    let id = try await platform.invokeWithoutWaiting("visible", #"{"n": 21}"#)
    let shown = try await platform.awaitEnd(id)
    #expect(shown.id == id)
    #expect(shown.function == "visible")
    #expect(shown.status == "succeeded")
    #expect(shown.attempts == 1)
    #expect(shown.timeline.first?.state == "accepted")
    #expect(shown.timeline.first?.topic == "millrace.tasks")
    #expect(shown.timeline.last?.state == "succeeded")
    #expect(shown.timeline.last?.topic == "millrace.results")

    let result = try await platform.millrace(["invocations", "result", id])
    #expect(result.output.filter { !$0.isWhitespace } == "42")
    let rows = try await platform.rows(
      "SELECT function, status, attempt FROM analytics.attempts WHERE invocation_id = '\(id)'")
    #expect(rows == [["visible", "succeeded", "1"]])
    let logs = try await platform.millrace(["logs", id])
    #expect(logs.output.contains("START RequestId: \(id)"))
    #expect(logs.output.contains("seen 21"))
    #expect(logs.output.contains("REPORT RequestId: \(id)"))
  }

  @Test(
    "finds the outcome on millrace.results with any Kafka client", .enabled(if: Kcat.isThere, "kcat is not installed"),
    arguments: PlatformUnderTest.logs)
  func outcomeOnTheLog(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    _ = try await platform.deploy("tapped", "def handler(event, context):\n    return 'tapped'\n")
    let id = try await platform.invokeWithoutWaiting("tapped", "{}")
    _ = try await platform.awaitEnd(id)
    let lines = try await Kcat.read("millrace.results", format: "%h %s\n", platform)
    let mine = lines.filter { $0.contains("ce_invocationid=\(id)") }
    #expect(mine.count == 1)
    #expect(mine.first?.contains("ce_status=succeeded") == true)
    #expect(mine.first?.hasSuffix("\"tapped\"") == true)
  }

  @Test("a new version takes over at once, and says so", arguments: PlatformUnderTest.logs)
  func newVersion(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    for number in 1...2 {
      _ = try await platform.deploy("versions", "def handler(event, context):\n    return \(number)\n")
      let answer = try await platform.http("POST", "/v1/functions/versions/invocations", body: Array("{}".utf8))
      #expect(answer.status == 200)
      #expect(answer.body == "\(number)")
      #expect(answer.fields.contains { $0.name.lowercased() == "millrace-function-version" && $0.value == "\(number)" })
    }
  }
}
