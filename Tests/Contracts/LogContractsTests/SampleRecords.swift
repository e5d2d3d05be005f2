import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit

/// The records that the golden samples show, by topic and name. Each topic has one that says everything it can, and one that
/// says as little as it may.
enum SampleRecords {
  static let time = Timestamp(milliseconds: 1_767_225_600_000)
  static let context = RecordContext(source: "/millrace/gateway/host-4711")
  static let tracedContext = RecordContext(
    source: "/millrace/executor/host-4712",
    traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", causationID: "\(invocation)")
  static let invocation: InvocationID = id(1)
  static let deployment: DeploymentID = id(2)
  static let token: TokenID = id(3)

  /// By topic's name, then by sample's name.
  static func all() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    try tasks() + outcomes() + logs() + submissions() + code() + catalogue() + deadLetters() + executors()
  }

  private static func id<Kind>(_ seed: UInt64) -> Identifier<Kind> {
    var generator = SeededGenerator(seed: seed)
    return Identifier(at: time, using: &generator)
  }

  private static func sample(
    _ topic: TopicDeclaration, _ name: String, _ record: OutgoingRecord
  ) -> (topic: TopicDeclaration, name: String, record: SampleRecord) {
    (topic, name, SampleRecord(record, partition: 0))
  }

  private static func tasks() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let waiting = TaskRecord(
      invocation: invocation, function: try FunctionName("hello"), version: .first, catalogueIndex: CatalogueIndex(17),
      reply: TaskRecord.Reply(gateway: try ComponentID("host-4711"), partition: 3),
      event: Array(#"{"name":"world"}"#.utf8), context: tracedContext)
    let ordered = TaskRecord(
      invocation: invocation, namespace: try NamespaceName("team-a"), function: try FunctionName("resize"),
      version: nil,
      attempt: try AttemptNumber(2), catalogueIndex: CatalogueIndex(0), reply: nil,
      orderingKey: Array("customer-7".utf8),
      contentType: "application/octet-stream", event: [0xff, 0x00, 0xfe], context: context)
    var headers = RecordHeaders()
    headers.append("ce_specversion", "1.0")
    headers.append("ce_id", invocation.description)
    headers.append("ce_source", "/shop/checkout")
    headers.append("ce_type", "millrace.task")
    headers.append("ce_schemaversion", "1")
    headers.append("ce_function", "hello")
    let foreign = OutgoingRecord(
      topic: TopicDeclaration.tasks.name, key: nil, value: Array(#"{"name":"kcat"}"#.utf8), headers: headers)
    return [
      sample(.tasks, "waiting-caller", waiting.encoded(partition: 5)),
      sample(.tasks, "ordered-binary-event", ordered.encoded(partition: nil)),
      (.tasks, "from-another-program", SampleRecord(foreign, partition: 0, isCanonical: false)),
    ]
  }

  private static func outcomes() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let measurement = AttemptMeasurement(
      submittedAt: time, startedAt: Timestamp(milliseconds: time.milliseconds + 4),
      finishedAt: Timestamp(milliseconds: time.milliseconds + 17), durationMicroseconds: 12_345, billedMilliseconds: 31,
      initMicroseconds: 18_002, memoryMebibytes: 128, maximumMemoryMebibytes: 21)
    let succeeded = AttemptOutcome(
      invocation: invocation, attempt: .first, namespace: .standard, function: try FunctionName("hello"),
      version: .first,
      status: .succeeded, payload: Array(#"{"greeting":"hello world"}"#.utf8), measurement: measurement,
      executor: try ComponentID("host-4712"), taskOffset: 42)
    var failed = succeeded
    failed.status = .failed
    failed.errorType = "KeyError"
    failed.errorMessage = "'name'"
    failed.payload = Array(
      #"{"errorMessage":"'name'","errorType":"KeyError","stackTrace":["  File \"/var/task/app.py\", line 2, in handler\n"]}"#
        .utf8)
    var dead = failed
    dead.status = .dead
    dead.version = nil
    dead.errorType = "Millrace.FunctionNotFound"
    dead.errorMessage = "there is no function 'hello' in the namespace 'default'"
    dead.payload = Array(
      #"{"errorMessage":"there is no function 'hello' in the namespace 'default'","errorType":"Millrace.FunctionNotFound"}"#
        .utf8)
    dead.measurement.initMicroseconds = nil
    let reply = TaskRecord.Reply(gateway: try ComponentID("host-4711"), partition: 3)
    return [
      sample(.results, "succeeded", succeeded.encodedResult(taskPartition: 5, context: context)),
      sample(.results, "failed", failed.encodedResult(taskPartition: 5, context: tracedContext)),
      sample(.results, "dead", dead.encodedResult(taskPartition: 5, context: context)),
      sample(.replies, "succeeded", succeeded.encodedReply(to: reply, context: context)),
      sample(.replies, "failed", failed.encodedReply(to: reply, context: tracedContext)),
    ]
  }

  private static func logs() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let begin = OutputRecord(
      invocation: invocation, attempt: .first, namespace: .standard, function: try FunctionName("hello"),
      version: .first,
      sequence: 0, phase: .begin, loggedAt: time,
      text: Array("START RequestId: \(invocation) Version: 1\ngrüß dich\n".utf8))
    var bytes = begin
    bytes.version = nil
    bytes.sequence = 1
    bytes.phase = .end
    bytes.text = [0xc3, 0x28, 0x0a]
    return [
      sample(.logs, "begin", begin.encoded(taskPartition: 5, context: tracedContext)),
      sample(.logs, "end-not-utf8", bytes.encoded(taskPartition: 5, context: context)),
    ]
  }

  private static var digest: CodeDigest {
    get throws { try CodeDigest("a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e") }
  }

  private static var reference: CodeReference {
    get throws { CodeReference(digest: try digest, partition: 0, firstOffset: 12, byteCount: 11, chunkCount: 1) }
  }

  private static var configuration: FunctionConfiguration {
    get throws {
      FunctionConfiguration(
        handler: try HandlerName("app.handler"), runtime: try RuntimeName("python3.12"),
        environment: ["GREETING": "hello"], description: "Greets")
    }
  }

  private static func submissions() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let submission = SubmissionRecord(
      deployment: deployment, namespace: .standard, function: try FunctionName("hello"),
      configuration: try configuration, archive: .zip, upload: try reference, token: token, submittedAt: time)
    var python = submission
    python.archive = .python
    return [
      sample(.submissions, "zip", submission.encoded(context: tracedContext)),
      sample(.submissions, "python-file", python.encoded(context: context)),
    ]
  }

  private static func code() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let chunk = CodeChunkRecord(digest: try digest, chunk: 0, chunkCount: 1, bytes: Array("Hello World".utf8))
    return [
      sample(.code, "only-chunk", chunk.encoded(partition: 0, context: context)),
      sample(.code, "traced", chunk.encoded(partition: 0, context: tracedContext)),
    ]
  }

  private static func catalogue() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let hello = try FunctionName("hello")
    let failed = CatalogueDeployment(
      id: deployment, namespace: .standard, function: hello, state: .failed, reason: "app.py, line 3: invalid syntax",
      createdAt: time, updatedAt: time)
    let active = CatalogueDeployment(
      id: deployment, namespace: .standard, function: hello, state: .active, version: .first, createdAt: time,
      updatedAt: time)
    let version = CatalogueVersion(
      namespace: .standard, function: hello, number: .first, configuration: try configuration, code: try reference,
      deployment: deployment, publishedAt: time)
    let function = CatalogueFunction(
      namespace: .standard, name: hello, latestVersion: .first, createdAt: time, updatedAt: time)
    let admin = CatalogueToken(
      id: token, namespace: .standard, name: "admin", secretDigest: try digest.description, createdAt: time)
    let changes: [(String, CatalogueChange)] = [
      ("version", .put(.version(version))), ("function", .put(.function(function))),
      ("deployment-active", .put(.deployment(active))), ("deployment-failed", .put(.deployment(failed))),
      ("token", .put(.token(admin))), ("function-deleted", .delete(.function(.standard, hello))),
    ]
    return changes.enumerated().map { position, change in
      let record = CatalogueChangeRecord(
        index: CatalogueIndex(17), position: Int64(position), count: Int64(changes.count), change: change.1)
      return sample(.functions, change.0, record.encoded(context: position == 0 ? tracedContext : context))
    }
  }

  private static func deadLetters() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let origin = RecordPosition(TopicPartition(TopicDeclaration.tasks.name, 5), offset: 42)
    var headers = RecordHeaders()
    headers.append("ce_specversion", "1.0")
    headers.append("ce_id", invocation.description)
    headers.append("ce_function", "hello")
    headers.append("x-anything", bytes: [0xff])
    let malformed = ConsumedRecord(
      position: origin, timestampMilliseconds: time.milliseconds, key: Array("customer-7".utf8),
      value: Array(#"{"name":"world"}"#.utf8), headers: headers)
    let bare = ConsumedRecord(
      position: origin, timestampMilliseconds: time.milliseconds, key: nil, value: nil, headers: RecordHeaders())
    var cut = DeadLetterRecord(of: malformed, because: ContractError(.missingHeader, "ce_source is missing"))
    let whole = cut
    cut.omitted = [.value]
    cut.originalValue = nil
    let least = DeadLetterRecord(of: bare, because: ContractError(.missingHeader, "ce_source is missing"))
    return [
      sample(.deadLetters, "malformed-task", whole.encoded(context: tracedContext)),
      sample(.deadLetters, "value-omitted", cut.encoded(context: context)),
      sample(.deadLetters, "bare-tombstone", least.encoded(context: context)),
    ]
  }

  private static func executors() throws -> [(topic: TopicDeclaration, name: String, record: SampleRecord)] {
    let ready = ExecutorRecord(
      executor: try ComponentID("host-4712"), state: .ready,
      runtimes: [try RuntimeName("python3.11"), try RuntimeName("python3.12")], partitions: [0, 5], sandboxCapacity: 8,
      sandboxCount: 3, busyCount: 2, queuedCount: 1, at: time)
    var draining = ready
    draining.state = .draining
    draining.partitions = []
    return [
      sample(.executors, "ready", ready.encoded(context: tracedContext)),
      sample(.executors, "draining", draining.encoded(context: context)),
    ]
  }
}
