import Commands
import FoundationEssentials
import Glibc
import HTTPServer
import Synchronization
import Testing

@Suite struct ClientCommandTests {
  private static let id = "01935f3a-7c00-7000-8000-000000000001"

  @Test func invokePrintsTheAnswerAndSendsTheEvent() async throws {
    let body = Mutex("")
    let run = try await FakeGateway.run(["invoke", "hello", "--event", #"{"name":"world"}"#]) { exchange in
      body.withLock { $0 = String(decoding: exchange.body, as: UTF8.self) }
      #expect(exchange.header("prefer") == nil && exchange.header("content-type") == "application/json")
      return .answer(#"{"message":"Hello, world!"}"#, [("Millrace-Invocation-Id", Self.id)])
    }
    #expect(run.code == 0 && run.output == "{\"message\":\"Hello, world!\"}\n" && run.errorOutput == "")
    #expect(run.requests == ["POST /v1/functions/hello/invocations"])
    #expect(body.withLock { $0 } == #"{"name":"world"}"#)
  }

  @Test func aFunctionThatFailsIsExitCodeOneAndItsErrorIsPrinted() async throws {
    let error = #"{"errorType":"ValueError","errorMessage":"no"}"#
    for words in [["invoke", "f"], ["invocations", "result", Self.id]] {
      let run = try await FakeGateway.run(words) { _ in
        .answer(error, [("Millrace-Function-Error", "Unhandled"), ("Millrace-Invocation-Id", Self.id)])
      }
      #expect(run.code == 1 && run.output == error + "\n")
      #expect(run.errorOutput == "the function failed (Unhandled); see: millrace logs \(Self.id)\n")
    }
  }

  @Test func invokingWithoutWaitingPrintsTheId() async throws {
    for (words, expected) in [([], "\(Self.id)\n"), (["--output", "json"], "{\"id\": \"\(Self.id)\"}\n")] {
      let run = try await FakeGateway.run(["invoke", "f", "--async"] + words) { exchange in
        #expect(exchange.header("prefer") == "respond-async")
        return .answer(#"{"id":"\#(Self.id)"}"#, status: 202, [("Millrace-Invocation-Id", Self.id)])
      }
      #expect(run.code == 0 && run.output == expected)
    }
  }

  @Test func theLogFollowsToTheErrorOutputUntilItIsWhole() async throws {
    let asked = Mutex(0)
    let run = try await FakeGateway.run(["invoke", "f", "--tail"]) { exchange in
      guard exchange.method == .get else { return .answer("1", [("Millrace-Invocation-Id", Self.id)]) }
      let count = asked.withLock { count in
        count += 1
        return count
      }
      if count == 1 { return .answer(#"{"code":"not_found"}"#, status: 404) }
      let rest = count == 2 ? "" : #",{"text":"REPORT RequestId: x","attempt":1}"#
      return .answer(#"{"lines":[{"text":"START RequestId: x","attempt":1}\#(rest)]}"#)
    }
    #expect(run.code == 0 && run.output == "1\n")
    #expect(run.errorOutput == "START RequestId: x\nREPORT RequestId: x\n")
  }

  /// Where an executor is killed between result and log, the lines that end the log never come.
  @Test func aLogThatNeverEndsIsNotWaitedForLong() async throws {
    let run = try await FakeGateway.run(["invoke", "f", "--tail"]) { exchange in
      guard exchange.method == .get else { return .answer("1", [("Millrace-Invocation-Id", Self.id)]) }
      return .answer(#"{"lines":[{"text":"START RequestId: x","attempt":1}]}"#)
    }
    #expect(run.code == 0 && run.output == "1\n")
    #expect(run.errorOutput == "START RequestId: x\nthe log is not whole yet; see: millrace logs \(Self.id)\n")
    #expect(run.requests.count <= 11)
  }

  @Test(arguments: [
    (
      401, #"{"title":"Unauthorized","detail":"The token is not known."}"#, 1,
      "Unauthorized: The token is not known; see DATA/admin.token"
    ),
    (404, #"{"title":"Not found","detail":"There is no function f."}"#, 1, "Not found: There is no function f"),
    (503, #"{"title":"Unavailable"}"#, 69, "Unavailable"), (500, "<html>", 1, "the gateway answered 500"),
    (504, #"{"title":"Too slow"}"#, 1, "it goes on: millrace invocations show ID"),
  ]) func refusalsAreTold(_ status: Int, _ body: String, _ code: Int32, _ part: String) async throws {
    let run = try await FakeGateway.run(["invoke", "f"]) { _ in
      .answer(body, status: status, [("Millrace-Invocation-Id", "ID")])
    }
    #expect(run.code == code && run.output == "")
    #expect(run.errorOutput.hasPrefix("millrace: ") && run.errorOutput.contains(part), "\(run.errorOutput)")
  }

  @Test func functionsAreListedInColumnsOrAsTheGatewaySaid() async throws {
    let json =
      #"{"functions":[{"name":"hello","latestVersion":2,"updatedAt":"2026-11-25T02:00:00.000Z","configuration":{"runtime":"python3.11","handler":"app.handler","memoryMebibytes":128,"timeoutSeconds":3}}]}"#
    let text = try await FakeGateway.run(["functions", "list"], audience: .terminal) { _ in .answer(json) }
    #expect(
      text.output == """
        NAME   VERSION  RUNTIME     HANDLER      MEMORY   TIMEOUT  UPDATED
        hello  2        python3.11  app.handler  128 MiB  3 s      2026-11-25T02:00:00.000Z

        """)
    let raw = try await FakeGateway.run(["functions", "list", "--output", "json"]) { _ in .answer(json) }
    #expect(raw.output == json + "\n")
  }

  @Test func anInvocationIsShownWithItsTimeline() async throws {
    let json =
      #"{"id":"\#(Self.id)","function":"hello","version":1,"status":"succeeded","attempts":1,"timeline":[{"state":"accepted","time":"2026-11-25T02:00:00.000Z","topic":"millrace.tasks","partition":3,"offset":17},{"state":"succeeded","time":"2026-11-25T02:00:01.000Z","attempt":1,"topic":"millrace.results","partition":3,"offset":9}]}"#
    let run = try await FakeGateway.run(["invocations", "show", Self.id]) { _ in .answer(json) }
    #expect(
      run.output == """
        id: \(Self.id)
        function: hello version 1
        status: succeeded
        attempts: 1
        accepted\t2026-11-25T02:00:00.000Z\t\tmillrace.tasks[3]@17
        succeeded\t2026-11-25T02:00:01.000Z\t1\tmillrace.results[3]@9

        """)
    #expect(run.requests == ["GET /v1/invocations/\(Self.id)"])
  }

  @Test func aListIsAskedForWithItsFiltersAndSaysHowItGoesOn() async throws {
    let run = try await FakeGateway.run(
      ["invocations", "list", "--function", "a b", "--status", "failed", "--since", "1h"]
    ) { _ in .answer(#"{"invocations":[{"id":"x","function":"f","status":"failed","attempts":1}],"cursor":"x"}"#) }
    #expect(run.code == 0 && run.errorOutput == "more: --cursor x\n")
    #expect(run.requests[0].hasPrefix("GET /v1/invocations?function=a%20b&status=failed&since=2"))
    let wrong = try await FakeGateway.run(["invocations", "list", "--since", "soon"]) { _ in .answer("{}") }
    #expect(wrong.code == 64 && wrong.requests.isEmpty)
  }

  @Test func logsOfAFunctionAreThoseOfItsInvocationsTheOldestFirst() async throws {
    let run = try await FakeGateway.run(["logs", "hello"]) { exchange in
      guard exchange.rawPath.hasSuffix("/logs") else { return .answer(#"{"invocations":[{"id":"new"},{"id":"old"}]}"#) }
      return .answer(#"{"lines":[{"text":"of \#(exchange.parameter("id"))"}]}"#)
    }
    #expect(run.output == "of old\nof new\n")
  }

  @Test func deployingSendsTheFolderAndWaitsUntilItIsActive() async throws {
    let folder = "/tmp/deploying-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let made = try await FakeGateway.run(["init", "\(folder)/hello"]) { _ in .answer("{}") }
    #expect(made.code == 0)
    for (last, code) in [
      (#"{"id":"d","status":"active","version":4}"#, Int32(0)),
      (#"{"id":"d","status":"failed","reason":"app.py, line 1: bad"}"#, 1),
    ] {
      let asked = Mutex(0)
      let run = try await FakeGateway.run(["deploy", "\(folder)/hello"]) { exchange in
        if exchange.method == .put {
          let body = String(decoding: exchange.body, as: UTF8.self)
          #expect(exchange.header("content-type")?.hasPrefix("multipart/form-data; boundary=millrace-") == true)
          #expect(body.contains(#"name="config""#) && body.contains(#""handler":"app.handler""#) && body.contains("PK"))
          return .answer(#"{"id":"d","status":"pending"}"#, status: 202)
        }
        let count = asked.withLock { count in
          count += 1
          return count
        }
        return .answer(count < 3 ? #"{"id":"d","status":"building"}"# : last)
      }
      #expect(run.code == code, "\(run.errorOutput)")
      #expect(run.requests.first == "PUT /v1/functions/hello")
      #expect(run.errorOutput.contains("hello: building\n"))
      #expect(code == 0 ? run.output == "hello version 4 is active\n" : run.errorOutput.contains("app.py, line 1: bad"))
    }
  }

  @Test func aFunctionIsDeployedUnderAnotherName() async throws {
    let folder = "/tmp/deploying-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await FakeGateway.run(["init", "\(folder)/hello"]) { _ in .answer("{}") }
    let run = try await FakeGateway.run(["deploy", "\(folder)/hello", "--name", "other"]) { exchange in
      exchange.method == .put ? .answer(#"{"id":"d"}"#, status: 202) : .answer(#"{"status":"active","version":1}"#)
    }
    #expect(run.output == "other version 1 is active\n" && run.requests.first == "PUT /v1/functions/other")
  }

  @Test func deletingSaysSo() async throws {
    let run = try await FakeGateway.run(["functions", "delete", "hello"]) { _ in HTTPResponse(status: 204) }
    #expect(run.code == 0 && run.errorOutput == "deleted hello\n" && run.requests == ["DELETE /v1/functions/hello"])
  }
}
