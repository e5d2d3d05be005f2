import EventLoop
import FoundationEssentials
import LogContracts
import MillraceDomain
import Testing

@testable import Gateway

/// Goal: with its surroundings there, the gateway does what its description says, from the request to the record.
@Suite(
  .serialized, .enabled(if: GatewayScene.isPossible, "Apache Kafka or PostgreSQL is not here"), .timeLimit(.minutes(5)))
struct ServedTests {
  private let async = ("Prefer", "respond-async")
  private let json = ("Content-Type", "application/json")

  private func invoke(
    _ scene: GatewayScene, _ event: String, _ more: [(String, String)] = [], function: String = "echo"
  ) async -> PlainRequest.Answer {
    await scene.ask(
      "POST", "/v1/functions/\(function)/invocations", more: [json] + more, body: Array(event.utf8))
  }

  private func object(_ answer: PlainRequest.Answer) throws -> [String: JSONPart] {
    try JSONDecoder().decode([String: JSONPart].self, from: Data(answer.body))
  }

  @Test("A waiting call gets the answer, and its record has the whole timeline")
  func waiting() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    let answer = await invoke(scene, #"{"a": 1}"#)
    #expect(answer.status == 200 && answer.text == #"{"a": 1}"#, "\(answer.text)")
    #expect(answer.fields["millrace-function-version"] == "1" && answer.fields["millrace-function-error"] == nil)
    let id = try #require(answer.fields["millrace-invocation-id"])
    let record = try object(await scene.ask("GET", "/v1/invocations/\(id)"))
    #expect(record["id"]?.text == id && record["function"]?.text == "echo" && record["status"]?.text == "succeeded")
    #expect(record["attempts"]?.number == 1 && record["version"]?.number == 1)
    let timeline = record["timeline"]?.elements.map(\.members) ?? []
    #expect(timeline.map { $0["state"]?.text } == ["accepted", "running", "succeeded"])
    #expect(timeline.first?["topic"]?.text == "millrace.tasks" && timeline.last?["topic"]?.text == "millrace.results")
    #expect(timeline.allSatisfy { $0["partition"] != nil && $0["offset"] != nil && $0["time"] != nil })
    let result = await scene.ask("GET", "/v1/invocations/\(id)/result")
    #expect(result.status == 200 && result.text == answer.text)
    let logs = try object(await scene.ask("GET", "/v1/invocations/\(id)/logs"))
    #expect(logs["lines"]?.elements.map { $0.members["text"]?.text } == ["START", "one line", "REPORT"])
    let text = await scene.ask("GET", "/v1/invocations/\(id)/logs", more: [("Accept", "text/plain")])
    #expect(text.text == "START\none line\nREPORT\n")
  }

  @Test("An id given out in a 202 is found at once, every time")
  func readYourWrite() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    for number in 0..<30 {
      let answer = await invoke(scene, "\(number)", [async])
      #expect(answer.status == 202, "\(answer.text)")
      let id = try #require(answer.fields["millrace-invocation-id"])
      #expect(answer.text == "{\"id\": \"\(id)\"}" && answer.fields["location"] == "/v1/invocations/\(id)")
      let found = await scene.ask("GET", "/v1/invocations/\(id)")
      #expect(found.status == 200, "\(found.text)")
    }
  }

  @Test("A function's error is told alike by the answer and by the result; an outcome that is not there is 409")
  func errors() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    let failed = await invoke(scene, #""fail""#)
    #expect(failed.status == 200 && failed.fields["millrace-function-error"] == "ValueError")
    let id = try #require(failed.fields["millrace-invocation-id"])
    let result = await scene.ask("GET", "/v1/invocations/\(id)/result")
    #expect(result.text == failed.text && result.fields["millrace-function-error"] == "ValueError")
    let ignored = await invoke(scene, #""ignore""#, [async])
    let pending = try #require(ignored.fields["millrace-invocation-id"])
    let none = await scene.ask("GET", "/v1/invocations/\(pending)/result")
    #expect(none.status == 409 && none.text.contains(#""state":"accepted""#), "\(none.text)")
    // What is not known yet is there all the same.
    let accepted = await scene.ask("GET", "/v1/invocations/\(pending)")
    #expect(accepted.status == 200 && accepted.text.contains(#""version":null"#), "\(accepted.text)")
    #expect(accepted.text.contains(#""function":"echo""#))
  }

  @Test("A client that leaves does not take its task along")
  func leaving() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    let marker = #""ignore-\#(UInt64.random(in: 0 ... .max))""#
    let port = scene.port
    try LoopThread.start(name: "leaver") {
      PlainRequest(
        port: port, method: "POST", path: "/v1/functions/echo/invocations",
        fields: [("Authorization", "Bearer \(GatewayScene.token)")], body: Array(marker.utf8)
      ).sendAndLeave()
    }
    for _ in 0..<500 {
      let metrics = await scene.ask("GET", "/metrics", fields: []).text
      let hasTask = scene.loop.isCurrent ? false : await taken(scene, marker)
      if hasTask, metrics.contains("gateway_waiting_calls 0") { return }
      try await scene.loop.sleep(for: .milliseconds(10))
    }
    Issue.record("the task did not arrive, or its call still waits")
  }

  private func taken(_ scene: GatewayScene, _ event: String) async -> Bool {
    await withCheckedContinuation { continuation in
      scene.loop.execute {
        continuation.resume(returning: scene.executor.tasks.contains { $0.event.elementsEqual(event.utf8) })
      }
    }
  }

  @Test("Lists are paged to their end, newest first, and narrowed")
  func lists() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    var ids: [String] = []
    for number in 0..<5 {
      ids.append(await invoke(scene, "\(number)").fields["millrace-invocation-id"] ?? "")
    }
    // The caller has its reply before the result has come by.
    for id in ids { try await awaitSuccess(id, scene) }
    var seen: [String] = []
    var cursor: String?
    repeat {
      let next = cursor.map { "&cursor=\($0)" } ?? ""
      let page = try object(await scene.ask("GET", "/v1/invocations?function=echo&status=succeeded&limit=2\(next)"))
      seen += page["invocations"]?.elements.compactMap { $0.members["id"]?.text } ?? []
      cursor = page["cursor"]?.text
    } while cursor != nil
    #expect(Array(seen.prefix(5)) == ids.reversed())
    #expect(seen == seen.sorted(by: >) && Set(seen).count == seen.count)
    let none = try object(await scene.ask("GET", "/v1/invocations?since=2999-01-01T00:00:00Z"))
    #expect(none["invocations"]?.elements.isEmpty == true)
    #expect(await scene.ask("GET", "/v1/invocations?limit=0").status == 422)
  }

  private func awaitSuccess(_ id: String, _ scene: GatewayScene) async throws {
    for _ in 0..<500 {
      let invocation = try object(await scene.ask("GET", "/v1/invocations/\(id)"))
      if invocation["status"]?.text == "succeeded" { return }
      try await scene.loop.sleep(for: .milliseconds(10))
    }
    Issue.record("\(id) has no result")
  }

  @Test("A deployment is registered and submitted; what is wrong with it is said")
  func deploying() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    let form = [
      "--b\r\nContent-Disposition: form-data; name=\"config\"\r\n\r\n",
      #"{"handler":"app.handler","runtime":"python3.11"}"#,
      "\r\n--b\r\nContent-Disposition: form-data; name=\"code\"; filename=\"app.py\"\r\n\r\nx = 1\r\n--b--\r\n",
    ].joined()
    let type = ("Content-Type", "multipart/form-data; boundary=b")
    let answer = await scene.ask("PUT", "/v1/functions/fresh", more: [type], body: Array(form.utf8))
    #expect(answer.status == 202, "\(answer.text)")
    let deployment = try object(answer)
    let id = try #require(deployment["id"]?.text)
    #expect(deployment["function"]?.text == "fresh" && deployment["status"]?.text == "pending")
    #expect(answer.fields["location"] == "/v1/deployments/\(id)")
    #expect(try object(await scene.ask("GET", "/v1/deployments/\(id)"))["status"]?.text == "pending")
    var isSubmitted = false
    for _ in 0..<200 where !isSubmitted {
      isSubmitted = await withCheckedContinuation { continuation in
        scene.loop.execute {
          let submission = scene.executor.submissions.first { $0.deployment.description == id }
          continuation.resume(returning: submission?.archive == .python && submission?.upload.byteCount == 5)
        }
      }
      try await scene.loop.sleep(for: .milliseconds(10))
    }
    #expect(isSubmitted)
    #expect(await scene.ask("PUT", "/v1/functions/fresh", more: [json], body: [1]).status == 415)
    #expect(await scene.ask("PUT", "/v1/functions/a%20b", more: [type], body: Array(form.utf8)).status == 422)
    #expect(await scene.ask("GET", "/v1/deployments/\(UUID())").status == 404)
  }

  @Test("Functions are listed, shown, and gone when they are deleted")
  func functions() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    let list = try object(await scene.ask("GET", "/v1/functions"))
    #expect(list["functions"]?.elements.map { $0.members["name"]?.text }.contains("doomed") == true)
    let shown = try object(await scene.ask("GET", "/v1/functions/doomed"))
    #expect(shown["latestVersion"]?.number == 1 && shown["runtime"]?.text == "python3.11")
    let versions = try object(await scene.ask("GET", "/v1/functions/doomed/versions"))
    #expect(versions["versions"]?.elements.count == 1)
    #expect(await scene.ask("DELETE", "/v1/functions/doomed").status == 204)
    #expect(await scene.ask("GET", "/v1/functions/doomed").status == 404)
    #expect(await scene.ask("DELETE", "/v1/functions/doomed").status == 404)
    #expect(await invoke(scene, "{}", function: "doomed").status == 404)
  }

  @Test("Who shows no valid token learns nothing else")
  func tokens() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    for fields in [[], [("Authorization", "Bearer wrong")], [("Authorization", "Basic abc")]] {
      let answer = await scene.ask("GET", "/v1/functions/echo", fields: fields)
      #expect(answer.status == 401 && answer.fields["www-authenticate"] != nil)
    }
  }

  @Test("Events beyond their limits and of other types are refused; a wrong version is not found")
  func invokeRefusals() async throws {
    let scene = try await GatewayScene.shared()
    try await scene.awaitReadiness()
    let large = String(repeating: "1", count: GatewayLimits.asyncEventBytes + 1)
    #expect(await invoke(scene, large, [async]).status == 413)
    #expect(await invoke(scene, large).text.utf8.count == large.utf8.count)
    #expect(await invoke(scene, String(repeating: "1", count: GatewayLimits.waitingEventBytes + 1)).status == 413)
    let path = "/v1/functions/echo/invocations"
    #expect(await scene.ask("POST", path, more: [("Content-Type", "text/plain")], body: [49]).status == 415)
    #expect(await scene.ask("POST", path + "?version=7", more: [json], body: [49]).status == 404)
    #expect(await scene.ask("POST", path + "?version=1", more: [json], body: [49]).text == "1")
    #expect(await scene.ask("POST", path).text == "{}")
    var generator = SystemRandomNumberGenerator()
    let unknown = InvocationID(at: Timestamp(milliseconds: 1_700_000_000_000), using: &generator)
    #expect(await scene.ask("GET", "/v1/invocations/\(unknown)").status == 404)
    #expect(await scene.ask("GET", "/v1/invocations/nonsense").status == 404)
  }
}

/// Any JSON, to look into answers.
indirect enum JSONPart: Decodable, Sendable {
  case text(String)
  case number(Int)
  case array([JSONPart])
  case object([String: JSONPart])
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let number = try? value.decode(Int.self) {
      self = .number(number)
    } else if let elements = try? value.decode([JSONPart].self) {
      self = .array(elements)
    } else if let members = try? value.decode([String: JSONPart].self) {
      self = .object(members)
    } else {
      self = .other
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int? { if case .number(let number) = self { number } else { nil } }
  var elements: [JSONPart] { if case .array(let elements) = self { elements } else { [] } }
  var members: [String: JSONPart] { if case .object(let members) = self { members } else { [:] } }
}
