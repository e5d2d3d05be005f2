package import LogRecords
package import MillraceDomain

/// Load and free capacity of an executor, once a second (topic `executors`, key: the executor's id).
package struct ExecutorRecord: Hashable, Sendable, Codable {
  /// Whether it takes work.
  package enum State: String, Sendable, Codable {
    /// It takes work.
    case ready
    /// It finishes what it has and leaves.
    case draining
  }

  /// The executor.
  package var executor: ComponentID
  /// Whether it takes work.
  package var state: State
  /// The runtimes it offers.
  package var runtimes: [RuntimeName]
  /// The partitions of `tasks` it owns.
  package var partitions: [Int32]
  /// How many sandboxes it may have at once.
  package var sandboxCapacity: Int32
  /// How many it has.
  package var sandboxCount: Int32
  /// How many of them are running an invocation.
  package var busyCount: Int32
  /// How many tasks wait.
  package var queuedCount: Int32
  /// When this was true.
  package var at: Timestamp

  /// A record from its parts.
  package init(
    executor: ComponentID, state: State, runtimes: [RuntimeName], partitions: [Int32], sandboxCapacity: Int32,
    sandboxCount: Int32, busyCount: Int32, queuedCount: Int32, at: Timestamp
  ) {
    self.executor = executor
    self.state = state
    self.runtimes = runtimes
    self.partitions = partitions
    self.sandboxCapacity = sandboxCapacity
    self.sandboxCount = sandboxCount
    self.busyCount = busyCount
    self.queuedCount = queuedCount
    self.at = at
  }

  /// The record for `executors`. Its `ce_id` is the executor's id and the time.
  package func encoded(context: RecordContext) -> OutgoingRecord {
    let headers = RecordHeaders(
      .executors, id: "\(executor)/\(at.milliseconds)", context: context, contentType: "application/json")
    return OutgoingRecord(
      topic: TopicDeclaration.executors.name, key: Array(executor.text.utf8), value: JSONBytes.encoded(self),
      headers: headers)
  }

  /// - Throws: ``ContractError``.
  package init(decoding record: ConsumedRecord) throws(ContractError) {
    _ = try HeaderReader(record, of: .executors)
    self = try JSONBytes.decoded(ExecutorRecord.self, record.value)
  }
}
