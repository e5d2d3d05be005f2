import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit
import Testing

@testable import Executor

struct InheritedResultsTests {
  static func task(_ generator: inout SeededGenerator) throws -> TaskRecord {
    TaskRecord(
      invocation: InvocationID(at: Timestamp(milliseconds: 1_700_000_000_000), using: &generator),
      function: try FunctionName("hello"), version: nil, catalogueIndex: CatalogueIndex(0), reply: nil, event: [],
      context: RecordContext(source: "/test"))
  }

  static func outcome(
    of task: TaskRecord, at offset: Int64, payload: [UInt8] = Array("\"earlier\"".utf8)
  ) throws -> AttemptOutcome {
    let zero = Timestamp(milliseconds: 0)
    return AttemptOutcome(
      invocation: task.invocation, attempt: .first, namespace: .standard, function: task.function, version: .first,
      status: .succeeded, payload: payload,
      measurement: AttemptMeasurement(
        submittedAt: zero, startedAt: zero, finishedAt: zero, durationMicroseconds: 0, billedMilliseconds: 0,
        initMicroseconds: nil, memoryMebibytes: 0, maximumMemoryMebibytes: 0),
      executor: try ComponentID("earlier"), taskOffset: offset)
  }

  /// Goal: a result counts for the task that has its id, once, and for no other at the same offset; the newest result of an
  /// offset counts.
  @Test func `a result belongs to one task`() throws {
    var generator = SeededGenerator(seed: 1)
    let (first, second) = (try InheritedResultsTests.task(&generator), try InheritedResultsTests.task(&generator))
    let outcome = try InheritedResultsTests.outcome(of: second, at: 7)
    var results = InheritedResults()
    results.insert(try InheritedResultsTests.outcome(of: first, at: 7))
    results.insert(outcome)
    #expect(results.contains(7) && !results.contains(8))
    var copy = results
    #expect(copy.take(7, first.invocation) == .notRun)
    copy = results
    #expect(copy.take(7, nil) == .notRun)
    #expect(results.take(7, second.invocation) == .run(outcome))
    #expect(results.take(7, second.invocation) == .notRun)
    #expect(results.count == 0 && results.outcomeCount == 0 && results.lastTask == 7)
  }

  /// Goal: outcomes are kept for the newest results within a bound of bytes, ids within a bound of their number, and what
  /// lies before the beginning of the tasks goes.
  @Test func `memory is bounded`() throws {
    var generator = SeededGenerator(seed: 2)
    var results = InheritedResults(countLimit: 100, outcomeBytesLimit: 20 << 10)
    var tasks: [TaskRecord] = []
    for offset in Int64(0)..<200 {
      let task = try InheritedResultsTests.task(&generator)
      tasks.append(task)
      let payload = [UInt8](repeating: 0x31, count: offset == 199 ? ExecutorLimits.inheritedResultBytes + 1 : 1 << 10)
      results.insert(try InheritedResultsTests.outcome(of: task, at: offset, payload: payload))
      #expect(results.count <= 100 && results.outcomeCount <= 10)
    }
    #expect(results.forgottenCount + results.count == 200)
    #expect(results.take(199, tasks[199].invocation) == .run(nil))
    if case .run(let outcome) = results.take(198, tasks[198].invocation) { #expect(outcome != nil) }
    #expect(results.take(150, tasks[150].invocation) == .run(nil))
    #expect(results.take(0, tasks[0].invocation) == .notRun)
    results.begin(at: 197)
    #expect(results.count == 1)
    #expect(results.take(197, tasks[197].invocation) != .notRun)
  }
}
