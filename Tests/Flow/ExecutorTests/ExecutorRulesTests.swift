import MillraceDomain
import Processes
import PythonSandbox
import Testing

@testable import Executor

struct ExecutorRulesTests {
  static let measured = SandboxMeasurements(
    durationMicroseconds: 1500, initMicroseconds: 20_001, peakMemoryMebibytes: 30, droppedOutputBytes: 4)

  /// Goal: every verdict has its status, its type and its words.
  @Test func `verdicts become outcomes`() throws {
    let measured = ExecutorRulesTests.measured
    let error = FunctionError(type: "ValueError", message: "no \"good\"", stackTrace: ["  line\n"])
    let cases: [(SandboxVerdict, InvocationStatus, String?)] = [
      (.succeeded(response: [0x31], measured), .succeeded, nil),
      (.functionError(error, measured), .failed, "ValueError"),
      (.initFailed(error, measured), .failed, "ValueError"),
      (.timedOut(limit: .seconds(3), measured), .timedOut, "Sandbox.Timedout"),
      (.outOfMemory(limitMebibytes: 128, measured), .outOfMemory, "Runtime.OutOfMemory"),
      (.exited(.exited(1), measured), .failed, "Runtime.ExitError"),
      (.responseTooLarge(byteCount: 7 << 20, measured), .failed, "Function.ResponseSizeTooLarge"),
      (.misbehaved("noise", measured), .failed, "Runtime.ProtocolViolation"),
    ]
    for (verdict, status, type) in cases {
      let ending = try #require(verdict.ending(requestID: "id"))
      #expect(ending.status == status)
      #expect(ending.errorType == type)
      #expect((ending.errorMessage == nil) == (status == .succeeded))
      #expect(ending.durationMicroseconds == 1500)
      #expect(ending.billedMilliseconds == 22)
      #expect(ending.peakMebibytes == 30)
      #expect(ending.droppedOutputBytes == 4)
    }
    #expect(SandboxVerdict.notStarted.ending(requestID: "id") == nil)
  }

  /// Goal: the payload of an error is Lambda's JSON; that of a success is the function's own bytes.
  @Test func `payloads`() {
    let error = FunctionError(type: "ValueError", message: "no \"good\"", stackTrace: ["  line\n"])
    let expected = #"{"errorMessage":"no \"good\"","errorType":"ValueError","stackTrace":["  line\n"]}"#
    let failed = SandboxVerdict.functionError(error, ExecutorRulesTests.measured).ending(requestID: "id")
    #expect(failed.map { String(decoding: $0.payload, as: UTF8.self) } == expected)
    let timedOut = SandboxVerdict.timedOut(limit: .milliseconds(3050), ExecutorRulesTests.measured).ending(
      requestID: "id")
    #expect(timedOut?.errorMessage == "RequestId: id Error: Task timed out after 3.05 seconds")
    let succeeded = SandboxVerdict.succeeded(response: [0x31, 0x32], ExecutorRulesTests.measured).ending(
      requestID: "id")
    #expect(succeeded?.payload == [0x31, 0x32])
    #expect(succeeded?.remark == nil)
  }

  /// Goal: what fails after it met the limit on processes says so, and keeps its own words; what succeeds or met a harder
  /// limit is what it was.
  @Test func `the limit on processes is named`() throws {
    var measured = ExecutorRulesTests.measured
    measured.processLimitReached = 1024
    let error = FunctionError(type: "RuntimeError", message: "can't start new thread", stackTrace: ["  line\n"])
    let cases: [(SandboxVerdict, String?)] = [
      (.functionError(error, measured), "Sandbox.ProcessLimit"), (.initFailed(error, measured), "Sandbox.ProcessLimit"),
      (.exited(.exited(1), measured), "Sandbox.ProcessLimit"), (.succeeded(response: [0x31], measured), nil),
      (.timedOut(limit: .seconds(3), measured), "Sandbox.Timedout"),
      (.outOfMemory(limitMebibytes: 128, measured), "Runtime.OutOfMemory"),
    ]
    for (verdict, type) in cases {
      let ending = try #require(verdict.ending(requestID: "id"))
      #expect(ending.errorType == type)
      #expect(ending.processLimitReached == 1024)
      guard type == "Sandbox.ProcessLimit" else { continue }
      #expect(ending.errorMessage?.contains("Process limit reached: 1024. R") == true)
    }
    let payload = SandboxVerdict.functionError(error, measured).ending(requestID: "id")?.payload
    let expected =
      #"{"errorMessage":"Process limit reached: 1024. RuntimeError: can't start new thread","errorType":"#
      + #""Sandbox.ProcessLimit","stackTrace":["  line\n"]}"#
    #expect(payload.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  /// Goal: a message of any length fits into a header.
  @Test func `long messages are shortened`() {
    let error = FunctionError(type: "E", message: String(repeating: "ü", count: 100_000))
    let ending = SandboxVerdict.functionError(error, ExecutorRulesTests.measured).ending(requestID: "id")
    #expect((ending?.errorMessage?.utf8.count ?? .max) <= ExecutorLimits.errorMessageBytes)
    #expect((ending?.payload.count ?? 0) > 200_000)
  }

  /// Goal: error text of any kind is a JSON string.
  @Test func `escapes`() {
    let payload = ExecutorRules.errorPayload(type: "T", message: "\u{1}\"\\\n\tü😀", stackTrace: ["a", "b"])
    let expected = #"{"errorMessage":"\u0001\"\\\n\u0009ü😀","errorType":"T","stackTrace":["a","b"]}"#
    #expect(String(decoding: payload, as: UTF8.self) == expected)
  }

  /// Goal: a partition waits at the bound of count or bytes, and goes on below half of both.
  @Test func `windows`() {
    func window(_ count: Int, _ size: Int, _ isPaused: Bool) -> ExecutorRules.Window {
      ExecutorRules.window(unfinishedCount: count, unfinishedBytes: size, isPaused: isPaused)
    }
    #expect(window(999, 0, false) == .asItIs)
    #expect(window(1000, 0, false) == .pause)
    #expect(window(1, 64 << 20, false) == .pause)
    #expect(window(501, 0, true) == .asItIs)
    #expect(window(500, 33 << 20, true) == .asItIs)
    #expect(window(500, 32 << 20, true) == .resume)
  }
}
