import LogContracts
import LogRecords
import MillraceDomain
import SimulationKit
import Testing

@testable import Recorder

@Suite struct RecorderRulesTests {
  private func row(_ record: OutgoingRecord, _ source: RecorderSource, offset: Int64 = 0) throws -> InvocationRow {
    switch RecorderRules.fact(of: record.consumed(offset: offset), from: source) {
    case .invocation(let row): return row
    case .finished(_, let row): return row
    case .output(_, let row): return try #require(row)
    case .deadLetter(_, let row): return try #require(row)
    case .malformedTask: throw ContractError(.badValue, "a malformed task")
    case .poison(let error), .unreadable(let error): throw error
    }
  }

  @Test("a task is an invocation that was accepted, with its place and its size")
  func tasks() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = try SampleInvocation(&generator)
    let row = try row(sample.task(), .tasks, offset: 41)
    #expect(row.id == sample.id)
    #expect(row.task?.place == RecordPlace(RecordPosition(TopicPartition("millrace.tasks", 0), offset: 41)))
    #expect(row.task?.requestBytes == 16)
    #expect(row.task?.submittedAt == Timestamp(milliseconds: 1_764_036_168_150))
    #expect(row.running == nil && row.outcome == nil && row.death == nil)
  }

  @Test("the first output of an attempt says that it runs, further output does not")
  func output() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = try SampleInvocation(&generator)
    #expect(try row(sample.output(), .logs).running?.attempt == .first)
    #expect(try row(sample.output(phase: .whole), .logs).running?.attempt == .first)
    for phase in [OutputRecord.Phase.middle, .end] {
      let fact = RecorderRules.fact(of: try sample.output(sequence: 1, phase: phase).consumed(), from: .logs)
      guard case .output(let line, nil) = fact else { throw ContractError(.badValue, "\(fact)") }
      #expect(line.sequence == 1)
    }
  }

  @Test("a NUL in the message of an error is made visible, so that the outcome is recorded all the same")
  func errorMessageWithNUL() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = try SampleInvocation(&generator)
    let row = try row(sample.result(status: .failed, errorMessage: "a\0b"), .results)
    #expect(row.outcome?.errorMessage == "a\u{2400}b")
    #expect(row.outcome?.status == .failed)
  }

  @Test("what breaks its contract is poison, with the true reason")
  func poison() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = try SampleInvocation(&generator)
    func reason(_ record: OutgoingRecord, _ source: RecorderSource) -> ContractError.Code? {
      guard case .poison(let error) = RecorderRules.fact(of: record.consumed(), from: source) else { return nil }
      return error.code
    }
    #expect(reason(try sample.task().with("ce_traceparent", "00-\0"), .tasks) == .badHeader)
    #expect(reason(try sample.result().with("ce_status", "running"), .results) == .badHeader)
    #expect(reason(try sample.output(), .results) == .wrongType)
    var tombstone = try sample.result()
    tombstone.value = nil
    #expect(reason(tombstone, .results) == .badValue)
    #expect(reason(OutgoingRecord(topic: "t", key: nil, value: [], headers: RecordHeaders()), .logs) == .missingHeader)
  }

  @Test("a task that breaks its contract is left to the executor, which reads it too: one letter for one record")
  func malformedTasks() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = try SampleInvocation(&generator)
    for (header, value) in [("ce_schemaversion", "99"), ("ce_id", "no uuid"), ("ce_type", "millrace.result")] {
      let fact = RecorderRules.fact(of: try sample.task().with(header, value).consumed(), from: .tasks)
      #expect(fact == .malformedTask, "\(header)")
    }
  }

  @Test(
    "the dead letter of a task ends its invocation, that of a result says nothing on it; one that cannot be read is passed over"
  )
  func deadLetters() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = try SampleInvocation(&generator)
    func letter(of record: OutgoingRecord) -> OutgoingRecord {
      DeadLetterRecord(of: record.consumed(offset: 9), because: ContractError(.unprocessable, "gone")).encoded(
        context: sample.context)
    }
    #expect(try row(letter(of: sample.task(attempt: 2)), .deadLetters).death?.reason == "gone")
    #expect(try row(letter(of: sample.task(attempt: 2)), .deadLetters).newestAttempt == AttemptNumber(2))
    guard
      case .deadLetter(let dead, nil) = RecorderRules.fact(
        of: letter(of: try sample.result()).consumed(), from: .deadLetters)
    else { throw ContractError(.badValue, "expected a dead letter") }
    #expect(dead.topic == "millrace.results" && dead.place.offset == 9 && dead.code == "unprocessable")
    guard case .unreadable = RecorderRules.fact(of: try sample.task().consumed(), from: .deadLetters)
    else { throw ContractError(.badValue, "expected an unreadable record") }
  }

  @Test("facts on one invocation come to the same row in any order of the topics, with any repeats")
  func mergingCommutes() throws {
    try SeededProperty.holds { generator in
      let streams = try FactStreams(&generator)
      let plain = streams.inOrder().reduce(into: Merged()) { $0.add($1) }
      let mixed = streams.interleaved(&generator).reduce(into: Merged()) { $0.add($1) }
      try SeededProperty.claim(plain.rows == mixed.rows, "\(plain.rows) and \(mixed.rows)")
    }
  }

  private struct Merged {
    var rows: [InvocationID: InvocationRow] = [:]
    mutating func add(_ entry: (record: ConsumedRecord, source: RecorderSource)) {
      switch RecorderRules.fact(of: entry.record, from: entry.source) {
      case .invocation(let row), .finished(_, let row), .output(_, .some(let row)), .deadLetter(_, .some(let row)):
        rows[row.id, default: row].merge(row)
      case .output(_, nil), .deadLetter(_, nil), .malformedTask, .poison, .unreadable: break
      }
    }
  }

  @Test("every shard is owned, and none more than its part")
  func fairShare() {
    #expect((1...10).map { RecorderRules.fairShare(shards: 9, recorders: $0) } == [9, 5, 3, 3, 2, 2, 2, 2, 1, 1])
    for recorders in 1...20 { #expect(RecorderRules.fairShare(shards: 9, recorders: recorders) * recorders >= 9) }
  }

  @Test("months begin and end where the calendar says, also at the ends of years and in leap years")
  func months() {
    func start(_ time: Int64, ahead: Int) -> [String] {
      MonthRules.months(at: Timestamp(milliseconds: time), ahead: ahead).map { "\($0.suffix)@\($0.start.milliseconds)" }
    }
    #expect(
      start(1_764_036_168_123, ahead: 2) == ["2025_11@1761955200000", "2025_12@1764547200000", "2026_01@1767225600000"])
    #expect(start(0, ahead: 0) == ["1970_01@0"])
    #expect(start(-1, ahead: 1) == ["1969_12@-2678400000", "1970_01@0"])
    #expect(start(951_782_400_000, ahead: 1) == ["2000_02@949363200000", "2000_03@951868800000"])
    #expect(start(1_767_225_599_999, ahead: 0) == ["2025_12@1764547200000"])
  }
}
