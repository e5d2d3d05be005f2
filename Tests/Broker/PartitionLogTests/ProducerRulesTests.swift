import KafkaWire
import SimulationKit
import Testing

@testable import PartitionLog

struct ProducerRulesTests {
  /// A batch of one producer, and what becomes of it.
  private struct Step {
    let epoch: Int16
    let first: Int32
    let count: Int32
    let outcome: Outcome
  }

  private enum Outcome: Equatable {
    case new
    /// It stood there before.
    case repeated(Int64)
    case refused(ErrorCode)
  }

  /// Plays the steps against a table. Each new batch gets the next offsets.
  private func play(_ steps: [Step], _ label: String) {
    var (table, offset) = (ProducerTable(), Int64(100))
    for (number, step) in steps.enumerated() {
      let last = Int32(truncatingIfNeeded: (Int64(step.first) + Int64(step.count) - 1) & 0x7fff_ffff)
      let outcome = judge(table, step, last: last)
      #expect(outcome == step.outcome, "\(label), step \(number)")
      guard outcome == .new else { continue }
      table.add(
        ProducerState.Batch(
          firstSequence: step.first, lastSequence: last, firstOffset: offset,
          lastOffset: offset + Int64(step.count) - 1,
          timestamp: 0), producerID: 7, epoch: step.epoch)
      offset += Int64(step.count)
    }
  }

  private func judge(_ table: ProducerTable, _ step: Step, last: Int32) -> Outcome {
    do throws(PartitionLogError) {
      switch try ProducerRules.judge(
        table.state(of: 7), producerID: 7, epoch: step.epoch, firstSequence: step.first, lastSequence: last)
      {
      case .new: return .new
      case .repeated(let before): return .repeated(before.firstOffset)
      }
    } catch { return .refused(error.code) }
  }

  /// Goal (pitfall 14): numbers go on at 0 behind 2147483647, between batches and within one.
  @Test func `pitfall 14: numbers wrap`() {
    play(
      [
        Step(epoch: 0, first: .max - 3, count: 3, outcome: .new),
        Step(epoch: 0, first: .max, count: 1, outcome: .new),
        Step(epoch: 0, first: 0, count: 2, outcome: .new),
        Step(epoch: 0, first: .max, count: 1, outcome: .repeated(103)),
      ], "between batches")
    play(
      [
        Step(epoch: 0, first: .max - 1, count: 4, outcome: .new),
        Step(epoch: 0, first: 1, count: 1, outcome: .refused(.outOfOrderSequenceNumber)),
        Step(epoch: 0, first: 2, count: 1, outcome: .new),
        Step(epoch: 0, first: .max - 1, count: 4, outcome: .repeated(100)),
      ], "within a batch")
    play(
      [
        Step(epoch: 0, first: .max, count: 1, outcome: .new),
        Step(epoch: 0, first: 1, count: 1, outcome: .refused(.outOfOrderSequenceNumber)),
      ], "0 left out")
  }

  /// Goal: each of the last five batches is known when it comes again, with its own offset; the one before them is not.
  @Test func `the last five batches are known again`() {
    let sent = (0..<6).map { Step(epoch: 0, first: Int32($0) * 2, count: 2, outcome: .new) }
    let again = (1..<6).map { Step(epoch: 0, first: Int32($0) * 2, count: 2, outcome: .repeated(100 + Int64($0) * 2)) }
    play(
      sent + again + [Step(epoch: 0, first: 0, count: 2, outcome: .refused(.outOfOrderSequenceNumber))], "five")
  }

  /// Goal: neither a gap nor an overlap is taken, however it lies.
  @Test func `gaps and overlaps are refused`() {
    let refused = Outcome.refused(.outOfOrderSequenceNumber)
    play(
      [
        Step(epoch: 0, first: 0, count: 5, outcome: .new),
        Step(epoch: 0, first: 6, count: 1, outcome: refused),
        Step(epoch: 0, first: 4, count: 2, outcome: refused),
        Step(epoch: 0, first: 0, count: 4, outcome: refused),
        Step(epoch: 0, first: 0, count: 6, outcome: refused),
        Step(epoch: 0, first: 1, count: 4, outcome: refused),
        Step(epoch: 0, first: .max, count: 1, outcome: refused),
        Step(epoch: 0, first: 5, count: 1, outcome: .new),
      ], "gaps")
  }

  /// Goal: an epoch that was left behind is told so, a new one begins at 0, and what the old one sent is forgotten.
  @Test func `epochs only grow and begin at 0`() {
    play(
      [
        Step(epoch: 3, first: 40, count: 1, outcome: .new),
        Step(epoch: 2, first: 41, count: 1, outcome: .refused(.invalidProducerEpoch)),
        Step(epoch: 2, first: 40, count: 1, outcome: .refused(.invalidProducerEpoch)),
        Step(epoch: 4, first: 41, count: 1, outcome: .refused(.outOfOrderSequenceNumber)),
        Step(epoch: 3, first: 41, count: 1, outcome: .new),
        Step(epoch: 4, first: 0, count: 1, outcome: .new),
        Step(epoch: 4, first: 40, count: 1, outcome: .refused(.outOfOrderSequenceNumber)),
        Step(epoch: 3, first: 42, count: 1, outcome: .refused(.invalidProducerEpoch)),
        Step(epoch: 4, first: 1, count: 1, outcome: .new),
        Step(epoch: .max, first: 0, count: 1, outcome: .new),
      ], "epochs")
  }

  /// Goal: nothing is known of a new producer, so that it may begin anywhere.
  @Test(arguments: [Int32(0), 1, 1_000_000, Int32.max])
  func `an unknown producer may begin anywhere`(_ first: Int32) {
    play([Step(epoch: 5, first: first, count: 1, outcome: .new)], "unknown")
  }

  /// Goal: whatever a producer sends, in order, again or astray: a batch stands in the log once, and in order.
  @Test func `what is taken is in order and there once`() throws {
    try SeededProperty.holds(forSeeds: 100) { random in
      var (table, next, batches): (ProducerTable, Int64, [(first: Int32, last: Int32, offset: Int64)]) = (
        .init(), 0, []
      )
      let start = Int64(Int32.random(in: 0 ... .max, using: &random))
      var sequence = start
      for _ in 0..<60 {
        let count = Int64.random(in: 1...4, using: &random)
        let astray = random.isOne(in: 3) ? Int64.random(in: -12...3, using: &random) : 0
        let first = Int32(truncatingIfNeeded: (sequence + astray) & 0x7fff_ffff)
        let last = Int32(truncatingIfNeeded: (Int64(first) + count - 1) & 0x7fff_ffff)
        let isFirst = batches.isEmpty
        let verdict = try? ProducerRules.judge(
          table.state(of: 1), producerID: 1, epoch: 0, firstSequence: first, lastSequence: last)
        switch verdict {
        case .new:
          try SeededProperty.claim(isFirst || astray == 0, "\(first) was taken, and \(sequence & 0x7fff_ffff) is next")
          if isFirst { sequence += astray }
          sequence += count
          table.add(
            .init(
              firstSequence: first, lastSequence: last, firstOffset: next, lastOffset: next + count - 1, timestamp: 0),
            producerID: 1, epoch: 0)
          batches.append((first, last, next))
          next += count
        case .repeated(let before):
          let twin = batches.suffix(5).last { $0.first == first && $0.last == last }
          try SeededProperty.claim(twin?.offset == before.firstOffset, "\(first) was taken for \(before)")
        case nil:
          try SeededProperty.claim(astray != 0, "\(first) is next, and was refused")
        }
      }
    }
  }
}
