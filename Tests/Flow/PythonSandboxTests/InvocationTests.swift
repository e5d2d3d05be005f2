import EventLoop
import Glibc
import Processes
import Testing

@testable import PythonSandbox

extension PythonSandboxTests {
  @Suite struct InvocationTests {
    @Test(arguments: [Workbench.oldest, Workbench.newest])
    func aHandlerAnswersAndIsReused(runtime: String) async throws {
      let bench = try await Workbench()
      let source = """
        import sys
        count = 0
        def handler(event, context):
            global count
            count += 1
            print("hello", event["name"])
            return {"count": count, "name": event["name"], "version": "python%d.%d" % sys.version_info[:2]}
        """
      let sandbox = try await bench.start(source, runtime: runtime)
      for count in 1...3 {
        let outcome = await bench.invoke(sandbox, #"{"name": "wörld"}"#)
        guard case .succeeded(let response, let measured) = outcome.verdict else {
          Issue.record("\(outcome.verdict) \(outcome.output)")
          break
        }
        #expect(
          String(decoding: response, as: UTF8.self)
            == #"{"count": \#(count), "name": "wörld", "version": "\#(runtime)"}"#)
        #expect(outcome.output == String(repeating: "hello wörld\n", count: count))
        #expect((measured.initMicroseconds != nil) == (count == 1))
        #expect(measured.peakMemoryMebibytes > 0)
      }
      try await bench.close()
      #expect(try await bench.isDead(sandbox))
    }
  }
}
