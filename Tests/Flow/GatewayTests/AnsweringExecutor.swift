import EventLog
import EventLoop
import LogContracts
import LogRecords
import MillraceDomain

/// Answers each task at once with its own event, as an executor would on the log: a line of output, the result, the reply. An
/// event with `fail` in it fails; one with `ignore` stays without an answer. Confined to its loop, which makes it Sendable.
final class AnsweringExecutor: @unchecked Sendable {
  private let loop: EventLoop
  private let log: EventLogOptions
  private var reader: PartitionReader?
  private var producer: LogProducer?
  private let context = RecordContext(source: "/millrace/executor/test")
  private(set) var tasks: [TaskRecord] = []
  private(set) var submissions: [SubmissionRecord] = []

  init(loop: EventLoop, log: EventLogOptions) {
    self.loop = loop
    self.log = log
  }

  func start() async throws {
    producer = try LogProducer(loop: loop, options: log)
    let reader = try PartitionReader(loop: loop, options: log)
    reader.received = { [self] partition, records in
      for record in records { take(record, partition.partition) }
    }
    let partitions = (0..<TopicDeclaration.tasks.partitions).map { TopicPartition(TopicDeclaration.tasks.name, $0) }
    let all = partitions + [TopicPartition(TopicDeclaration.submissions.name, 0)]
    reader.add(Dictionary(uniqueKeysWithValues: all.map { ($0, .earliest) }))
    self.reader = reader
    beat()
  }

  private func beat() {
    guard let executor = try? ComponentID("test") else { return }
    let record = ExecutorRecord(
      executor: executor, state: .ready, runtimes: [], partitions: Array(0..<TopicDeclaration.tasks.partitions),
      sandboxCapacity: 1, sandboxCount: 0, busyCount: 0, queuedCount: 0, at: Timestamp(milliseconds: 1_800_000_000_000))
    producer?.send(record.encoded(context: context)) { _ in }
    loop.schedule(after: .milliseconds(500)) { [weak self] in self?.beat() }
  }

  private func take(_ record: ConsumedRecord, _ partition: Int32) {
    if record.position.partition.topic == TopicDeclaration.submissions.name {
      if let submission = try? SubmissionRecord(decoding: record) { submissions.append(submission) }
      return
    }
    guard let task = try? TaskRecord(decoding: record), let executor = try? ComponentID("test") else { return }
    tasks.append(task)
    let event = String(decoding: task.event, as: UTF8.self)
    guard !event.contains("ignore") else { return }
    let now = Timestamp(milliseconds: record.timestampMilliseconds)
    let hasFailed = event.contains("fail")
    let outcome = AttemptOutcome(
      invocation: task.invocation, attempt: task.attempt, namespace: task.namespace, function: task.function,
      version: .first, status: hasFailed ? .failed : .succeeded, errorType: hasFailed ? "ValueError" : nil,
      errorMessage: hasFailed ? "as told" : nil,
      payload: hasFailed ? Array(#"{"errorType":"ValueError"}"#.utf8) : task.event,
      measurement: AttemptMeasurement(
        submittedAt: now, startedAt: now, finishedAt: now, durationMicroseconds: 1, billedMilliseconds: 1,
        initMicroseconds: nil, memoryMebibytes: 128, maximumMemoryMebibytes: 1),
      executor: executor, taskOffset: record.position.offset)
    let output = OutputRecord(
      invocation: task.invocation, attempt: task.attempt, namespace: task.namespace, function: task.function,
      version: .first, sequence: 0, phase: .whole, loggedAt: now, text: Array("START\none line\nREPORT\n".utf8))
    producer?.send(output.encoded(taskPartition: partition, context: context)) { _ in }
    producer?.send(outcome.encodedResult(taskPartition: partition, context: context)) { _ in }
    if let reply = task.reply { producer?.send(outcome.encodedReply(to: reply, context: context)) { _ in } }
  }
}
