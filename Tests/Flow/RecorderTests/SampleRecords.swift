import LogContracts
import LogRecords
import MillraceDomain

/// Records as gateways and executors write them, for one invocation.
struct SampleInvocation {
  static let namespace = NamespaceName.standard
  let id: InvocationID
  let function: FunctionName
  let partition: Int32
  let context = RecordContext(
    source: "/millrace/test", traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")

  init(
    _ generator: inout some RandomNumberGenerator, function: String = "hello", partition: Int32 = 0,
    atMilliseconds: Int64 = 1_764_036_168_123
  ) throws {
    id = InvocationID(at: Timestamp(milliseconds: atMilliseconds), using: &generator)
    self.function = try FunctionName(function)
    self.partition = partition
  }

  func task(attempt: Int64 = 1, version: Int32? = 3, event: String = #"{"name":"world"}"#) throws -> OutgoingRecord {
    TaskRecord(
      invocation: id, function: function, version: try version.map { try VersionNumber($0) },
      attempt: try AttemptNumber(attempt), catalogueIndex: CatalogueIndex(7), reply: nil, event: Array(event.utf8),
      context: context
    ).encoded(partition: partition)
  }

  func output(
    attempt: Int64 = 1, sequence: Int64 = 0, phase: OutputRecord.Phase = .begin, text: [UInt8] = Array("hello\n".utf8)
  ) throws -> OutgoingRecord {
    OutputRecord(
      invocation: id, attempt: try AttemptNumber(attempt), namespace: Self.namespace, function: function,
      version: try VersionNumber(3), sequence: sequence, phase: phase,
      loggedAt: Timestamp(milliseconds: 1_764_036_168_200 + attempt), text: text
    ).encoded(taskPartition: partition, context: context)
  }

  func result(
    attempt: Int64 = 1, status: InvocationStatus = .succeeded, payload: String = #""Hello, world""#,
    errorMessage: String? = nil
  ) throws -> OutgoingRecord {
    AttemptOutcome(
      invocation: id, attempt: try AttemptNumber(attempt), namespace: Self.namespace, function: function,
      version: try VersionNumber(3), status: status, errorType: errorMessage.map { _ in "ValueError" },
      errorMessage: errorMessage, payload: Array(payload.utf8),
      measurement: AttemptMeasurement(
        submittedAt: Timestamp(milliseconds: 1_764_036_168_150), startedAt: Timestamp(milliseconds: 1_764_036_168_200),
        finishedAt: Timestamp(milliseconds: 1_764_036_168_212 + attempt), durationMicroseconds: 11_500,
        billedMilliseconds: 12, initMicroseconds: attempt == 1 ? 2_000 : nil, memoryMebibytes: 128,
        maximumMemoryMebibytes: 42),
      executor: try ComponentID("executor-1"), taskOffset: 5
    ).encodedResult(taskPartition: partition, context: context)
  }
}

extension OutgoingRecord {
  /// The record as it is read from its topic.
  func consumed(partition: Int32 = 0, offset: Int64 = 0, timestampMilliseconds: Int64 = 1_764_036_168_150)
    -> ConsumedRecord
  {
    ConsumedRecord(
      position: RecordPosition(TopicPartition(topic, partition), offset: offset),
      timestampMilliseconds: timestampMilliseconds, key: key, value: value, headers: headers)
  }

  /// The record with one header set anew.
  func with(_ name: String, _ value: String) -> OutgoingRecord {
    var changed = self
    changed.headers.append(name, value)
    return changed
  }
}
