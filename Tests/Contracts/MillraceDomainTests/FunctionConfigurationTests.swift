import MillraceDomain
import Testing

/// The limits of a function's configuration, each at its edges.
@Suite struct FunctionConfigurationTests {
  private func refusal(_ change: (inout FunctionConfiguration) -> Void) throws -> String? {
    var configuration = FunctionConfiguration(
      handler: try HandlerName("app.handler"), runtime: try RuntimeName("python3.12"))
    change(&configuration)
    do throws(DomainError) {
      try configuration.validate()
      return nil
    } catch {
      #expect(error.code == .badConfiguration)
      return error.message
    }
  }

  @Test("what is not said has a default within the limits")
  func defaults() throws {
    #expect(try refusal { _ in } == nil)
  }

  enum Field: String {
    case memoryMebibytes, timeoutSeconds, temporaryStorageMebibytes, concurrency

    func set(_ number: Int32, in configuration: inout FunctionConfiguration) {
      switch self {
      case .memoryMebibytes: configuration.memoryMebibytes = number
      case .timeoutSeconds: configuration.timeoutSeconds = number
      case .temporaryStorageMebibytes: configuration.temporaryStorageMebibytes = number
      case .concurrency: configuration.concurrency = number
      }
    }
  }

  @Test(
    "numbers are within their ranges, and a refusal names field, value and range",
    arguments: [
      (Field.memoryMebibytes, 64, 10_240), (.timeoutSeconds, 1, 900), (.temporaryStorageMebibytes, 16, 10_240),
      (.concurrency, 0, 1_000),
    ])
  func ranges(field: Field, lowest: Int32, highest: Int32) throws {
    for good in [lowest, highest] { #expect(try refusal { field.set(good, in: &$0) } == nil) }
    for bad in [lowest - 1, highest + 1, .min, .max] {
      #expect(
        try refusal { field.set(bad, in: &$0) }
          == "\(field.rawValue) is \(bad); it must be from \(lowest) to \(highest)")
    }
  }

  @Test("a description has 256 characters at most")
  func description() throws {
    #expect(try refusal { $0.description = String(repeating: "ü", count: 256) } == nil)
    #expect(
      try refusal { $0.description = String(repeating: "ü", count: 257) }
        == "description has 257 characters; at most 256 are allowed")
  }

  @Test(
    "variable names are POSIX's",
    arguments: [
      ("A", true), ("_a1", true), ("", false), ("1A", false), ("A-B", false), ("A=B", false), ("Ä", false),
      ("A\0", false),
    ])
  func variableNames(name: String, isGood: Bool) throws {
    #expect((try refusal { $0.environment = [name: "x"] } == nil) == isGood)
  }

  @Test(
    "the platform's own variables cannot be set",
    arguments: ["AWS_LAMBDA_X", "MILLRACE_", "_HANDLER", "LAMBDA_TASK_ROOT"])
  func reservedNames(name: String) throws {
    #expect(try refusal { $0.environment = [name: ""] } == "environment: '\(name)' is reserved for the platform")
  }

  @Test("a value holds no NUL")
  func valueWithNUL() throws {
    #expect(try refusal { $0.environment = ["A": "x\0y"] } == "environment: the value of 'A' holds a NUL")
  }

  @Test("all variables together have 4096 bytes at most, names included")
  func environmentSize() throws {
    #expect(try refusal { $0.environment = ["A": String(repeating: "x", count: 4095)] } == nil)
    #expect(
      try refusal { $0.environment = ["A": String(repeating: "x", count: 4094), "B": "y"] }
        == "environment has 4097 bytes; at most 4096 are allowed")
  }
}
