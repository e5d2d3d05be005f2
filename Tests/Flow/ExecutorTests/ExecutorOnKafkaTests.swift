import EventLog
import EventLoop
import Glibc
import LogContracts
import LogRecords
import MillraceDomain
import RealServers
import Testing

@testable import Executor

/// The whole stage: real log, real sandboxes.
@Suite(
  .serialized, .enabled(if: ApacheKafkaFixture.isAvailable, Comment(rawValue: ApacheKafkaFixture.absence)),
  .enabled(if: getuid() == 0, "sandboxes need root"), .timeLimit(.minutes(4)))
struct ExecutorOnKafkaTests {
  private static let echo = """
    import time
    def handler(event, context):
        print("got", event)
        if event == "raise":
            raise ValueError("as asked")
        if event == "sleep":
            time.sleep(60)
        return {"event": event}
    """

  private func run(_ body: @escaping @Sendable (ExecutorWorld) async throws -> Void) async throws {
    let loop = try LoopThread.startLoop(name: "executor-test")
    defer { loop.stop() }
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      loop.spawn {
        do {
          let world = try await ExecutorWorld.open(on: loop)
          try await body(world)
          await world.close()
          continuation.resume()
        } catch { continuation.resume(throwing: error) }
      }
    }
  }

  /// Goal: every way that a task can end has its result on the task's partition number, its reply where a caller waits, and
  /// its output; what cannot be understood is a dead letter and holds nothing up.
  @Test func `tasks become results`() async throws {
    try await run { world in
      try await world.publish("echo", ExecutorOnKafkaTests.echo, timeoutSeconds: 1)
      let executor = try world.startExecutor("executor-1")
      let reply = TaskRecord.Reply(gateway: try ComponentID("gateway-1"), partition: 5)
      let events = ["\"a\"", "\"raise\"", "\"sleep\"", "\"b\""]
      var tasks: [TaskRecord] = []
      for event in events { tasks.append(try world.task("echo", event, reply: reply)) }
      tasks.append(try world.task("gone", "{}"))
      for task in tasks { _ = try await world.producer.send(task.encoded(partition: 3)) }
      var malformed = try world.task("echo", "{}").encoded(partition: 3)
      malformed.headers = RecordHeaders()
      _ = try await world.producer.send(malformed)

      await world.wait { world.outcomes.count == 5 && world.replies.count == 4 && world.deadLetters.count == 2 }
      let byInvocation = Dictionary(uniqueKeysWithValues: world.outcomes.map { ($0.invocation, $0) })
      #expect(
        tasks.map { byInvocation[$0.invocation]?.status } == [.succeeded, .failed, .timedOut, .succeeded, .dead])
      #expect(byInvocation[tasks[0].invocation]?.payload == Array(#"{"event": "a"}"#.utf8))
      #expect(byInvocation[tasks[1].invocation]?.errorType == "ValueError")
      #expect(world.outcomes.map(\.taskOffset).sorted() == [0, 1, 2, 3, 4])
      #expect(Set(world.replies.map(\.invocation)) == Set(tasks.prefix(4).map(\.invocation)))
      #expect(Set(world.deadLetters.map(\.origin.offset)) == [4, 5])
      await world.wait { world.outputs.contains { $0.invocation == tasks[3].invocation && $0.phase == .whole } }
      let output = world.outputs.first { $0.invocation == tasks[3].invocation }
      #expect(output.map { String(decoding: $0.text, as: UTF8.self) }?.contains("\ngot b\nEND RequestId: ") == true)
      executor.cancel()
      try await executor.value
    }
  }

  /// Goal: a drained executor has committed what it did; the next one runs the rest, and nothing twice.
  @Test func `a drain hands over`() async throws {
    try await run { world in
      try await world.publish("echo", ExecutorOnKafkaTests.echo, concurrency: 2)
      let first = try world.startExecutor("executor-1")
      var sent: Set<InvocationID> = []
      for number in 0..<400 {
        let task = try world.task("echo", "\(number)")
        sent.insert(task.invocation)
        world.producer.send(task.encoded(partition: Int32(number % 8))) { _ in }
      }
      await world.wait { world.outcomes.count >= 100 }
      first.cancel()
      try await first.value
      let second = try world.startExecutor("executor-1")
      await world.wait { Set(world.outcomes.map(\.invocation)).count == 400 }
      #expect(Set(world.outcomes.map(\.invocation)) == sent)
      #expect(world.outcomes.count == 400)
      #expect(world.outcomes.allSatisfy { $0.status == .succeeded })
      second.cancel()
      try await second.value
    }
  }

  /// Goal: results that the last owner wrote and did not commit are found, their tasks are not run again, and a caller who
  /// may not have heard of one hears of it.
  @Test func `what has a result is not run again`() async throws {
    try await run { world in
      try await world.publish("echo", ExecutorOnKafkaTests.echo)
      var tasks: [TaskRecord] = []
      for number in 0..<10 {
        let reply = TaskRecord.Reply(gateway: try ComponentID("gateway-1"), partition: 1)
        let task = try world.task("echo", "\(number)", reply: reply)
        tasks.append(task)
        let position = try await world.producer.send(task.encoded(partition: 0))
        guard number % 2 == 0 else { continue }
        let outcome = try InheritedResultsTests.outcome(of: task, at: position.offset)
        _ = try await world.producer.send(outcome.encodedResult(taskPartition: 0, context: world.context))
      }
      let executor = try world.startExecutor("executor-1")
      await world.wait { Set(world.outcomes.map(\.invocation)).count == 10 && world.replies.count == 10 }
      executor.cancel()
      try await executor.value
      #expect(world.outcomes.count == 10)
      #expect(world.outcomes.count { $0.executor.text == "earlier" } == 5)
    }
  }

  /// Goal: where `tasks` was made anew and `results` was kept, the results of other tasks at the same offsets hide nothing.
  @Test func `results of a topic that is gone hide no task`() async throws {
    try await run { world in
      try await world.publish("echo", ExecutorOnKafkaTests.echo)
      for offset in Int64(0)..<4 {
        let gone = try world.task("echo", "\(offset)")
        let outcome = try InheritedResultsTests.outcome(of: gone, at: offset)
        _ = try await world.producer.send(outcome.encodedResult(taskPartition: 0, context: world.context))
      }
      var tasks: Set<InvocationID> = []
      for number in 0..<3 {
        let task = try world.task("echo", "\(number)")
        tasks.insert(task.invocation)
        _ = try await world.producer.send(task.encoded(partition: 0))
      }
      let executor = try world.startExecutor("executor-1")
      await world.wait { world.outcomes.count { tasks.contains($0.invocation) && $0.executor.text != "earlier" } == 3 }
      executor.cancel()
      try await executor.value
    }
  }
}
