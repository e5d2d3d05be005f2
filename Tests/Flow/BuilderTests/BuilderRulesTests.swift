import LogRecords
import MillraceDomain
import Testing

@testable import Builder

@Suite struct BuilderRulesTests {
  private func code(of handler: String, in paths: [String]) -> BuilderError.Code? {
    do throws(BuilderError) {
      _ = try BuilderRules.handlerPath(of: try! HandlerName(handler), in: paths)
      return nil
    } catch { return error.code }
  }

  @Test func `The handler's module is found as a file or as a package`() throws {
    let app = try HandlerName("app.handler")
    #expect(try BuilderRules.handlerPath(of: app, in: ["lib.py", "app.py"]) == "app.py")
    #expect(try BuilderRules.handlerPath(of: app, in: ["app/__init__.py"]) == "app/__init__.py")
    for nested in ["pkg/mod.run", "pkg.mod.run"] {
      #expect(try BuilderRules.handlerPath(of: HandlerName(nested), in: ["pkg/mod.py"]) == "pkg/mod.py")
    }
  }

  @Test func `A package without the handler's file is refused with what is wrong`() throws {
    #expect(code(of: "app.handler", in: []) == .empty)
    #expect(code(of: "app.handler", in: ["main.py"]) == .missingHandler)
    #expect(code(of: "app.handler", in: ["app.py", "requirements.txt"]) == .dependencies)
    #expect {
      try BuilderRules.handlerPath(of: HandlerName("app.handler"), in: ["folder/app.py"])
    } throws: { error in
      "\(error)".contains("folder/app.py")
    }
  }

  @Test func `An unknown runtime is refused naming those that exist`() throws {
    let runtime = try RuntimeName("python3.99")
    #expect {
      try BuilderRules.checkRuntime(runtime, among: ["python3.11", "python3.12"])
    } throws: { error in
      "\(error)".contains("python3.11, python3.12")
    }
    try BuilderRules.checkRuntime(RuntimeName("python3.12"), among: ["python3.11", "python3.12"])
  }

  @Test func `Pauses grow to a bound`() {
    let pauses = (0..<1_000).map { BuilderRules.retryPause(afterAttempts: $0) }
    #expect(pauses[0] == .milliseconds(100) && pauses[999] == .seconds(5))
    #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
  }
}
