import KafkaWire
import PartitionLog
import Synchronization

@testable import EmbeddedBroker

/// A coordinator's log in memory, whose disk is as slow as the test wants. It remembers what was forgotten too.
final class MemoryStateLog: StateLog {
  struct State {
    /// Every record that was ever appended, and the batches that they came in.
    var records: [Record] = []
    var start = 0
    var durableCount = 0
    var waiting: [(end: Int, call: @Sendable () -> Void)] = []
    var refusal: PartitionLogError?
    var forgetCount = 0
  }

  private let state: Mutex<State>

  /// A log that has the records already, on the disk.
  init(_ records: [Record] = []) {
    var state = State()
    state.records = records
    state.durableCount = records.count
    self.state = Mutex(state)
  }

  func append(
    _ batch: [UInt8], nowMilliseconds now: Int64, durable: @escaping @Sendable () -> Void
  ) throws(PartitionLogError) {
    try state.withLock { state throws(PartitionLogError) in
      if let refusal = state.refusal { throw refusal }
      do throws(WireError) {
        for record in try RecordReader.records(of: try RecordBatch(firstOf: batch[...])) {
          var placed = record
          placed.offset = Int64(state.records.count)
          state.records.append(placed)
        }
      } catch { throw PartitionLogError(.invalidRecord, error.message) }
      state.waiting.append((state.records.count, durable))
    }
  }

  var endOffset: Int64 { state.withLock { Int64($0.records.count) } }

  func replay(_ body: (Record) throws -> Void) throws {
    for record in state.withLock({ $0.records[$0.start...] }) { try body(record) }
  }

  func forget(before offset: Int64, nowMilliseconds now: Int64) throws {
    state.withLock {
      $0.start = max($0.start, Int(offset))
      $0.forgetCount += 1
    }
  }

  /// The disk has caught up with so many batches.
  func settle(_ count: Int = .max) {
    let calls = state.withLock { state in
      let done = state.waiting.prefix(count)
      state.waiting.removeFirst(done.count)
      state.durableCount = done.last?.end ?? state.durableCount
      return done.map(\.call)
    }
    for call in calls { call() }
  }

  func refuse(_ error: PartitionLogError?) { state.withLock { $0.refusal = error } }

  var now: State { state.withLock { $0 } }
}
