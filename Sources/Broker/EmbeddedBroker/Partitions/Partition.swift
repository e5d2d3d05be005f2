internal import EventLoop
package import KafkaWire
package import PartitionLog
internal import Synchronization

/// A partition that is served: its log, whoever waits for it, and the mutex around both. Any loop may call it; nothing is called
/// back while the mutex is held, and no other lock is taken.
package final class Partition: Sendable {
  /// Sendable because the mutex is around it.
  fileprivate struct State: @unchecked Sendable {
    let log: PartitionLog
    /// Appends that wait until everything before an offset is durable, ascending.
    var durableWaits: [(end: Int64, call: @Sendable () -> Void)] = []
    var fetchWaits: [FetchWait] = []
    /// Whether a sync is due already.
    var queued = Queued.no
    /// Whether one is under way, and whether another was due meanwhile: the second covers only what the first does not, so it must
    /// not end before it.
    var isSyncing = false
    var mustSyncAgain = false
    var isClosed = false
    var isDeleted = false

    enum Queued { case no, later, now }
  }

  /// The topic's name.
  package let topic: String
  /// The topic's identifier.
  package let topicID: WireUUID
  /// The number in the topic.
  package let index: Int32
  private let state: Mutex<State>
  private let committer: Committer

  package init(topic: String, topicID: WireUUID, index: Int32, log: sending PartitionLog, committer: Committer) {
    self.topic = topic
    self.topicID = topicID
    self.index = index
    self.committer = committer
    state = Mutex(State(log: log))
  }

  /// Looks at the log, or changes it. Never blocks the disk longer than a write into memory does; nothing of the log may leave.
  package func withLog<Value: Sendable>(_ body: (PartitionLog) throws -> Value) rethrows -> Value {
    try state.withLock { state in try body(state.log) }
  }

  /// The ends that readers see.
  package var bounds: PartitionBounds {
    withLog {
      PartitionBounds(
        logStartOffset: $0.logStartOffset, highWatermark: $0.highWatermark, logEndOffset: $0.logEndOffset)
    }
  }

  /// Where to read, and the ends at that moment.
  func look(
    from offset: Int64, maximumBytes: Int, _ reach: ReadReach
  ) throws(PartitionLogError) -> (PartitionBounds, LogSlice?) {
    try state.withLock { state throws(PartitionLogError) -> (PartitionBounds, LogSlice?) in
      let slice = try state.log.slice(from: offset, maximumBytes: maximumBytes, reach: reach)
      return (
        PartitionBounds(
          logStartOffset: state.log.logStartOffset, highWatermark: state.log.highWatermark,
          logEndOffset: state.log.logEndOffset), slice
      )
    }
  }

  /// Looks for a record by its time.
  func find(
    _ search: (PartitionLog) throws(PartitionLogError) -> PartitionLog.TimeSearch
  ) throws(PartitionLogError) -> PartitionLog.TimeSearch {
    try state.withLock { state throws(PartitionLogError) in try search(state.log) }
  }

  // MARK: appending

  /// Who wants to know of an append, and when.
  package enum Acknowledgement: Sendable {
    /// Once it is as durable as the topic asks: the call comes from any thread, once.
    case durable(@Sendable () -> Void)
    /// The caller goes on as soon as it is written.
    case written
  }

  /// What an append came to.
  package enum Outcome: Sendable {
    /// The batch stands in the log; nothing is to be waited for.
    case done(Appended, PartitionBounds)
    /// The batch stands in the log; the acknowledgement will be called.
    case waiting(Appended, PartitionBounds)
    /// The log is as it was.
    case refused(PartitionLogError)
  }

  /// Appends one batch.
  package func append(
    _ batch: ArraySlice<UInt8>, origin: AppendOrigin, nowMilliseconds now: Int64, _ acknowledgement: Acknowledgement
  ) -> Outcome {
    var dues = CommitDues()
    defer { committer.add(dues) }
    return append(batch, origin: origin, nowMilliseconds: now, acknowledgement, to: &dues)
  }

  /// Appends one batch, and leaves it to the caller to hand the committer what is due: appends to several partitions are synced
  /// together then.
  func append(
    _ batch: ArraySlice<UInt8>, origin: AppendOrigin, nowMilliseconds now: Int64, _ acknowledgement: Acknowledgement,
    to dues: inout CommitDues
  ) -> Outcome {
    let (outcome, sync, woken) = state.withLock { state -> (Outcome, Sync, [FetchWait]) in
      guard !state.isClosed else {
        return (.refused(PartitionLogError(.unknownTopicOrPartition, "the topic was deleted")), .none, [])
      }
      let before = state.log.highWatermark
      let appended: Appended
      do throws(PartitionLogError) {
        appended = try state.log.append(batch, origin: origin, nowMilliseconds: now)
      } catch { return (.refused(error), .none, []) }
      let bounds = PartitionBounds(
        logStartOffset: state.log.logStartOffset, highWatermark: state.log.highWatermark,
        logEndOffset: state.log.logEndOffset)
      let sync = state.syncDue()
      let woken = state.log.highWatermark > before ? state.takeFetchWaits() : []
      if case .durable(let call) = acknowledgement, appended.lastOffset >= bounds.highWatermark {
        state.durableWaits.append((appended.lastOffset + 1, call))
        return (.waiting(appended, bounds), sync, woken)
      }
      return (.done(appended, bounds), sync, woken)
    }
    switch sync {
    case .none: break
    case .now: dues.now.append(self)
    case .after(let milliseconds): dues.later.append((self, milliseconds))
    }
    for wait in woken { wait.wake() }
    return outcome
  }

  fileprivate enum Sync { case none, now, after(Int64) }

  // MARK: committing, on a thread of the committer's

  /// What is to be synced; nil where nothing is, or another thread is at it.
  func beginCommit() throws(PartitionLogError) -> SyncTicket? {
    try state.withLock { state throws(PartitionLogError) -> SyncTicket? in
      state.queued = .no
      guard !state.isClosed else { return nil }
      guard !state.isSyncing else {
        state.mustSyncAgain = true
        return nil
      }
      let ticket = try state.log.syncTicket()
      state.isSyncing = ticket != nil
      return ticket
    }
  }

  /// It is durable: who waited for it goes on. Answers whether another one is due.
  func endCommit(_ ticket: SyncTicket) -> Bool {
    let (calls, woken, isDue) = state.withLock { state -> ([@Sendable () -> Void], [FetchWait], Bool) in
      state.log.finish(ticket)
      let mark = state.log.highWatermark
      let done = state.durableWaits.prefix { $0.end <= mark }.map(\.call)
      state.durableWaits.removeFirst(done.count)
      state.isSyncing = false
      let isDue = state.mustSyncAgain && state.queued != .now
      state.mustSyncAgain = false
      if isDue { state.queued = .now }
      return (done, state.takeFetchWaits(), isDue)
    }
    for call in calls { call() }
    for wait in woken { wait.wake() }
    return isDue
  }

  // MARK: waiting

  /// Wakes the waiter once more may be read than before that offset; at once where that is so already.
  func add(_ wait: FetchWait, beyond offset: Int64) {
    let isThere = state.withLock { state in
      guard state.log.highWatermark <= offset, !state.isClosed else { return true }
      state.fetchWaits.append(wait)
      return false
    }
    if isThere { wait.wake() }
  }

  func remove(_ wait: FetchWait) {
    state.withLock { state in state.fetchWaits.removeAll { $0 === wait } }
  }

  // MARK: the end

  /// Whether its topic was deleted: its files have other names then, or none.
  var isDeleted: Bool { state.withLock { $0.isDeleted } }

  /// Lets nobody in any more: what waits is called or woken. The log is closed with `clean`, before anybody is told that a record is
  /// durable, and dropped otherwise.
  package func close(_ end: End) throws(PartitionLogError) {
    let (calls, woken) = try state.withLock {
      state throws(PartitionLogError) -> ([@Sendable () -> Void], [FetchWait]) in
      state.isClosed = true
      state.isDeleted = end == .deleted
      if end == .clean { try state.log.close() }
      let calls = state.durableWaits.map(\.call)
      state.durableWaits = []
      return (calls, state.takeFetchWaits())
    }
    for call in calls { call() }
    for wait in woken { wait.wake() }
  }

  /// Why a partition is closed.
  package enum End: Sendable { case clean, deleted }
}

extension Partition.State {
  /// Whether a sync has to be asked for, after an append.
  fileprivate mutating func syncDue() -> Partition.Sync {
    guard queued != .now else { return .none }
    switch log.options.flush {
    case .group:
      // Whoever is at it now comes back for this.
      guard !isSyncing else {
        mustSyncAgain = true
        return .none
      }
      // One that is due later may be of before the topic's configs were changed: nobody waited for it.
      queued = .now
      return .now
    case .interval(let milliseconds):
      guard queued == .no else { return .none }
      queued = .later
      return .after(milliseconds)
    case .messages(let count):
      guard log.unsyncedRecordCount >= count else { return .none }
      queued = .now
      return .now
    case .never: return .none
    }
  }

  fileprivate mutating func takeFetchWaits() -> [FetchWait] {
    let all = fetchWaits
    fetchWaits = []
    return all
  }
}

/// The offsets that a partition has.
package struct PartitionBounds: Sendable, Equatable {
  /// Of the oldest record.
  package let logStartOffset: Int64
  /// Of the first record that may not be read yet.
  package let highWatermark: Int64
  /// Of the next record.
  package let logEndOffset: Int64
}
