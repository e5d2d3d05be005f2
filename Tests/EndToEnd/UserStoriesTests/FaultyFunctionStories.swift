import Testing

@Suite(
  "A person's faulty functions", .serialized, .enabled(if: PlatformUnderTest.isPossible, "\(PlatformUnderTest.absence)")
)
struct FaultyFunctionStories {
  /// A handler that goes wrong, and what its invoker must be told.
  struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    var settings = ""
    let errorType: String
    var status = "failed"
    var testDescription: String { name }
  }

  static let faults = [
    Fault(
      name: "raises", source: "def handler(event, context):\n    raise ValueError('broken on purpose')\n",
      errorType: "ValueError"),
    Fault(
      name: "missing-handler", source: "def other(event, context):\n    pass\n", errorType: "Runtime.HandlerNotFound"),
    Fault(name: "import-error", source: "import nothing_of_that_name\n", errorType: "Runtime.ImportModuleError"),
    Fault(
      name: "sys-exit", source: "import sys\ndef handler(event, context):\n    sys.exit(3)\n",
      errorType: "Runtime.ExitError"),
    Fault(
      name: "os-exit", source: "import os\ndef handler(event, context):\n    os._exit(4)\n",
      errorType: "Runtime.ExitError"),
    Fault(
      name: "large-answer", source: "def handler(event, context):\n    return 'x' * (7 << 20)\n",
      errorType: "Function.ResponseSizeTooLarge"),
    Fault(
      name: "no-json", source: "def handler(event, context):\n    return {1, 2, 3}\n", errorType: "Runtime.MarshalError"
    ),
    Fault(
      name: "endless", source: "def handler(event, context):\n    while True: pass\n", settings: "timeout: 1",
      errorType: "Sandbox.Timedout", status: "timed_out"),
    Fault(
      name: "hog", source: "def handler(event, context):\n    return len(bytearray(1 << 30))\n",
      settings: "memory: 128\ntimeout: 20",
      errorType: "Runtime.OutOfMemory", status: "out_of_memory"),
    Fault(
      name: "many-threads",
      source: """
        import threading
        def handler(event, context):
            done = threading.Event()
            try:
                for _ in range(2000): threading.Thread(target=done.wait).start()
            finally:
                done.set()
        """,
      settings: "memory: 512\ntimeout: 30", errorType: "Sandbox.ProcessLimit"),
  ]

  @Test(
    "each ends in its own error, on the answer, in the exit code and in the record", arguments: PlatformUnderTest.logs,
    faults)
  func faultIsTold(_ log: PlatformUnderTest.Log, _ fault: Fault) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    let deployed = try await platform.deploy(fault.name, fault.source, settings: fault.settings)
    #expect(deployed.exitCode == 0, "\(deployed.errorOutput)")
    let answer = try await platform.http("POST", "/v1/functions/\(fault.name)/invocations", body: Array("{}".utf8))
    #expect(answer.status == 200)
    #expect(answer.fields.contains { $0.name.lowercased() == "millrace-function-error" })
    #expect(answer.body.contains("\"\(fault.errorType)\""), "\(answer.body)")
    let invoked = try await platform.millrace(["invoke", fault.name, "--event", "{}"])
    #expect(invoked.exitCode == 1)

    let id = answer.fields.first { $0.name.lowercased() == "millrace-invocation-id" }?.value ?? ""
    let shown = try await platform.awaitEnd(id)
    #expect(shown.status == fault.status)
    let result = try await platform.http("GET", "/v1/invocations/\(id)/result")
    #expect(result.body == answer.body)
  }

  @Test("a syntax error fails the deployment and says where", arguments: PlatformUnderTest.logs)
  func syntaxError(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    let deployed = try await platform.deploy("syntax", "def handler(event, context)\n    return 1\n")
    #expect(deployed.exitCode == 1)
    #expect(deployed.errorOutput.contains("app.py"))
    #expect(deployed.errorOutput.contains("line 1") || deployed.errorOutput.contains(":1"))
  }

  @Test("a wrong token is refused, and says no more", arguments: PlatformUnderTest.logs)
  func wrongToken(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    let answer = try await platform.http("GET", "/v1/functions", token: "not-a-token")
    #expect(answer.status == 401)
    #expect(
      answer.fields.contains { $0.name.lowercased() == "content-type" && $0.value.contains("application/problem+json") }
    )
  }

  @Test("a deleted function is not there any more, and what it did still is", arguments: PlatformUnderTest.logs)
  func deletedFunction(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    _ = try await platform.deploy("gone", "def handler(event, context):\n    return 'was here'\n")
    let id = try await platform.invokeWithoutWaiting("gone", "{}")
    _ = try await platform.awaitEnd(id)
    #expect(try await platform.millrace(["functions", "delete", "gone"]).exitCode == 0)
    let answer = try await platform.http("POST", "/v1/functions/gone/invocations", body: Array("{}".utf8))
    #expect(answer.status == 404)
    let result = try await platform.millrace(["invocations", "result", id])
    #expect(result.output.contains("was here"))
  }

  @Test("an unknown runtime is refused, naming those there are", arguments: PlatformUnderTest.logs)
  func unknownRuntime(_ log: PlatformUnderTest.Log) async throws {
    let platform = try await PlatformUnderTest.shared(log)
    let deployed = try await platform.deploy(
      "future", "def handler(event, context):\n    pass\n", settings: "runtime: python3.99")
    #expect(deployed.exitCode == 1)
    #expect(deployed.errorOutput.contains("python3.11"))
  }
}
