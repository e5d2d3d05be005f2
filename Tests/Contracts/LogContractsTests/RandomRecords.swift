import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit

/// Records with everything that the types allow, edges more often than not.
struct RandomRecords {
  var generator: SeededGenerator

  mutating func id<Kind>() -> Identifier<Kind> { Identifier(at: time(), using: &generator) }

  mutating func time() -> Timestamp {
    Timestamp(milliseconds: [0, 1, 1_767_225_600_000, 0xffff_ffff_ffff].randomElement(using: &generator) ?? 0)
  }

  mutating func name<Rule: NameRule>(_ choices: [String]) throws -> Name<Rule> {
    try Name(choices.randomElement(using: &generator) ?? "")
  }

  mutating func optional<Value>(_ make: (inout RandomRecords) throws -> Value) rethrows -> Value? {
    generator.isOne(in: 2) ? try make(&self) : nil
  }

  mutating func text() -> String {
    ["", "x", "ü\u{0}\n", "a,b=c", String(repeating: "ñ", count: 300)].randomElement(using: &generator) ?? ""
  }

  mutating func number() -> Int64 { [0, 1, 42, .max].randomElement(using: &generator) ?? 0 }

  mutating func context() -> RecordContext {
    RecordContext(source: "/s", traceParent: optional { $0.text() }, causationID: optional { $0.text() })
  }

  mutating func namespace() throws -> NamespaceName { try name(["default", "a", "team-7"]) }
  mutating func function() throws -> FunctionName { try name(["hello", "-", String(repeating: "x", count: 64)]) }
  mutating func component() throws -> ComponentID { try name(["host-1", "a.b_c", "0"]) }
  mutating func version() throws -> VersionNumber {
    try VersionNumber([1, 2, .max].randomElement(using: &generator) ?? 1)
  }
  mutating func attempt() throws -> AttemptNumber {
    try AttemptNumber([1, 2, 1_000_000].randomElement(using: &generator) ?? 1)
  }

  mutating func task() throws -> TaskRecord {
    let reply = try optional { random in
      TaskRecord.Reply(
        gateway: try random.component(), partition: [0, 7, .max].randomElement(using: &random.generator) ?? 0)
    }
    return TaskRecord(
      invocation: id(), namespace: try namespace(), function: try function(),
      version: try optional { try $0.version() },
      attempt: try attempt(), catalogueIndex: CatalogueIndex(UInt64(number())), reply: reply,
      orderingKey: optional { $0.generator.bytes(count: 0...8) }, contentType: text(),
      event: generator.bytes(count: 0...20), context: context())
  }

  mutating func outcome() throws -> AttemptOutcome {
    let terminal = InvocationStatus.allCases.filter(\.isTerminal)
    let measurement = AttemptMeasurement(
      submittedAt: time(), startedAt: time(), finishedAt: time(), durationMicroseconds: number(),
      billedMilliseconds: number(), initMicroseconds: optional { $0.number() }, memoryMebibytes: number(),
      maximumMemoryMebibytes: number())
    return AttemptOutcome(
      invocation: id(), attempt: try attempt(), namespace: try namespace(), function: try function(),
      version: try optional { try $0.version() }, status: terminal.randomElement(using: &generator) ?? .dead,
      errorType: optional { $0.text() }, errorMessage: optional { $0.text() }, payload: generator.bytes(count: 0...20),
      measurement: measurement, executor: try component(), taskOffset: number())
  }

  mutating func output() throws -> OutputRecord {
    let phases: [OutputRecord.Phase] = [.begin, .middle, .end, .whole]
    return OutputRecord(
      invocation: id(), attempt: try attempt(), namespace: try namespace(), function: try function(),
      version: try optional { try $0.version() }, sequence: number(),
      phase: phases.randomElement(using: &generator) ?? .whole, loggedAt: time(), text: generator.bytes(count: 0...20))
  }

  mutating func code() throws -> CodeReference {
    CodeReference(
      digest: try CodeDigest(bytes: generator.bytes(count: 32...32)), partition: 0, firstOffset: number(),
      byteCount: number(), chunkCount: [1, .max].randomElement(using: &generator) ?? 1)
  }

  mutating func configuration() throws -> FunctionConfiguration {
    FunctionConfiguration(
      handler: try name(["app.handler", "a/b.c"]), runtime: try name(["python3.8", "python3.13"]),
      memoryMebibytes: .random(in: 64...10_240, using: &generator), environment: ["A": text(), "B": text()],
      description: text())
  }

  mutating func submission() throws -> SubmissionRecord {
    SubmissionRecord(
      deployment: id(), namespace: try namespace(), function: try function(), configuration: try configuration(),
      archive: generator.isOne(in: 2) ? .zip : .python, upload: try code(), token: id(), submittedAt: time())
  }

  mutating func change() throws -> CatalogueChange {
    let entity: CatalogueEntity =
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        .function(
          CatalogueFunction(
            namespace: try namespace(), name: try function(), latestVersion: try version(), createdAt: time(),
            updatedAt: time()))
      case 1:
        .version(
          CatalogueVersion(
            namespace: try namespace(), function: try function(), number: try version(),
            configuration: try configuration(), code: try code(), deployment: id(), publishedAt: time()))
      case 2:
        .deployment(
          CatalogueDeployment(
            id: id(), namespace: try namespace(), function: try function(), state: .failed,
            reason: optional { $0.text() }, version: try optional { try $0.version() }, createdAt: time(),
            updatedAt: time()))
      default:
        .token(
          CatalogueToken(
            id: id(), namespace: try namespace(), name: text(), secretDigest: text(), createdAt: time(),
            isRevoked: generator.isOne(in: 2)))
      }
    return generator.isOne(in: 3) ? .delete(entity.key) : .put(entity)
  }

  mutating func executor() throws -> ExecutorRecord {
    ExecutorRecord(
      executor: try component(), state: generator.isOne(in: 2) ? .ready : .draining,
      runtimes: try (0..<3).map { _ in try name(["python3.8", "python3.13"]) }, partitions: [0, .max],
      sandboxCapacity: 8, sandboxCount: 0, busyCount: 0, queuedCount: .max, at: time())
  }
}
