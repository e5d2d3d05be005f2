package import Catalogue
package import ControlWire
package import EventLoop
package import MillraceDomain
internal import Telemetry

/// One member of the catalogue: commands go through the write-ahead log to the state machine. An answer is given when the
/// command is on disk and applied; commands that wait together share one sync. Confined to its loop, which makes it Sendable.
package final class CatalogueMember: @unchecked Sendable {
  /// Called on the loop with what a command came to, or why it was not taken.
  package typealias Completion = (Swift.Result<ControlResponse, ControllerError>) -> Void

  /// What an entry is for the feed.
  package enum Committed: Sendable {
    /// These changes.
    case changes([CatalogueChange])
    /// The whole state: it replaces everything that waits to be published.
    case wholeState([CatalogueChange])
  }

  private enum Waiting {
    case command(CatalogueCommand, Completion)
    case republication(stale: [CatalogueKey], CheckedContinuation<Void, any Error>)

    func fail(_ error: ControllerError) {
      switch self {
      case .command(_, let completed): completed(.failure(error))
      case .republication(_, let continuation): continuation.resume(throwing: error)
      }
    }
  }

  private let loop: EventLoop
  private let disk: Disk
  let term: Term
  private let entriesPerSnapshot: UInt64
  private let logger = Logger(label: "controller.member")
  private let syncs = MetricsRegistry.shared.histogram(
    ControllerSignals.commitSeconds, help: "Time to make a batch of commands durable.", range: .seconds)

  /// The catalogue.
  package private(set) var state: CatalogueState
  private var queue: [Waiting] = []
  private var isWriting = false
  private var snapshotIndex: CatalogueIndex
  /// Captured when due; kept once all it holds is on the feed.
  private var dueSnapshot: CatalogueState?
  private var lastTime = Timestamp(milliseconds: 0)
  private var failure: ControllerError?

  /// What each entry means for the feed, as it is committed.
  package var committed: ((CatalogueIndex, Committed) -> Void)?
  /// The last index of which every change is on the feed.
  package var publishedIndex: () -> CatalogueIndex = { CatalogueIndex(0) }
  /// Called once when the disk has failed: nothing is taken any more, and the process should end.
  package var failed: ((ControllerError) -> Void)?

  private init(
    loop: EventLoop, disk: Disk, term: Term, state: CatalogueState, snapshotIndex: CatalogueIndex,
    entriesPerSnapshot: UInt64
  ) {
    self.loop = loop
    self.disk = disk
    self.term = term
    self.state = state
    self.snapshotIndex = snapshotIndex
    self.entriesPerSnapshot = entriesPerSnapshot
  }

  /// What a start finds: the member, and what the feed may not have yet.
  package struct Start {
    /// The member, with everything applied.
    package let member: CatalogueMember
    /// The last index that changed anything in the snapshot.
    package let floor: CatalogueIndex
    /// What each entry after the snapshot means for the feed.
    package let committed: [(index: CatalogueIndex, Committed)]
  }

  /// Reads the files and applies what they hold. On the loop.
  ///
  /// - Throws: ``ControllerError`` with `corrupt`, `unknownFormat` or `storage`.
  package static func open(
    _ files: any ControlFiles, on loop: EventLoop, entriesPerSnapshot: UInt64 = ControllerLimits.entriesPerSnapshot
  ) async throws -> Start {
    let (disk, recovery) = try await Disk.open(files)
    var state = CatalogueState()
    if let snapshot = recovery.snapshot {
      do { state = try CatalogueState(decoding: snapshot.state) } catch {
        throw ControllerError(
          .corrupt, "the snapshot at \(snapshot.index.number) cannot be read", underlying: "\(error)")
      }
    }
    let (snapshotIndex, floor) = (state.appliedIndex, state.changedIndex)
    var changes: [(CatalogueIndex, Committed)] = []
    for entry in recovery.entries {
      changes.append((CatalogueIndex(entry.index.number), try EntryPayload.apply(entry, to: &state).committed))
    }
    let member = CatalogueMember(
      loop: loop, disk: disk, term: recovery.hardState.term, state: state, snapshotIndex: snapshotIndex,
      entriesPerSnapshot: entriesPerSnapshot)
    return Start(member: member, floor: floor, committed: changes.map { (index: $0.0, $0.1) })
  }

  // MARK: commands

  /// Commits a command. `completed` is called on the loop, never within this call.
  package func submit(_ action: CatalogueCommand.Action, at time: Timestamp, completed: @escaping Completion) {
    lastTime = max(lastTime, time)
    add(.command(CatalogueCommand(at: lastTime, action), completed))
  }

  /// Commits an entry that tells the feed the whole state.
  package func republish(feedHas keys: Set<CatalogueKey>) async throws {
    let current = Set(state.entities.map(\.key))
    let stale = keys.subtracting(current).sorted { $0.description < $1.description }
    try await withCheckedThrowingContinuation { add(.republication(stale: stale, $0)) }
  }

  private func add(_ waiting: Waiting) {
    precondition(loop.isCurrent)
    guard failure == nil, queue.count < ControllerLimits.queuedCommands else {
      let error = failure ?? ControllerError(.overloaded, "\(queue.count) commands wait already")
      return loop.nextRound { waiting.fail(error) }
    }
    queue.append(waiting)
    guard !isWriting else { return }
    isWriting = true
    loop.spawn { await self.writeQueued() }
  }

  private func writeQueued() async {
    while !queue.isEmpty, failure == nil {
      let batch = Array(queue.prefix(ControllerLimits.commandsPerSync))
      queue.removeFirst(batch.count)
      do { try await commit(batch) } catch { fail(error, batch) }
      if failure == nil { do { try await keepSnapshotIfDue() } catch { fail(error, []) } }
    }
    isWriting = false
  }

  private func commit(_ batch: [Waiting]) async throws {
    let began = LoopInstant.current()
    let first = state.appliedIndex.number + 1
    let entries = batch.enumerated().map { offset, waiting in
      let index = LogIndex(first + UInt64(offset))
      return switch waiting {
      case .command(let command, _):
        LogEntry(term: term, index: index, kind: .command, payload: EntryPayload.encode(command))
      case .republication(let stale, _):
        LogEntry(term: term, index: index, kind: .republication, payload: EntryPayload.encode(stale))
      }
    }
    try await disk.append(entries)
    syncs.record(LoopInstant.current() - began)
    for (waiting, entry) in zip(batch, entries) { apply(entry, for: waiting) }
  }

  private func apply(_ entry: LogEntry, for waiting: Waiting) {
    guard let applied = try? EntryPayload.apply(entry, to: &state) else {
      preconditionFailure("an entry written by this version can be read by it")
    }
    switch (waiting, applied) {
    case (.command(_, let completed), .command(let decision)):
      committed?(state.appliedIndex, .changes(decision.changes))
      completed(.success(ControlResponse(index: state.changedIndex, answer: decision.answer)))
    case (.republication(_, let continuation), .republication(let changes)):
      committed?(state.appliedIndex, .wholeState(changes))
      continuation.resume()
    case (.command, .republication), (.republication, .command):
      preconditionFailure("an entry is what it was proposed as")
    }
  }

  // MARK: snapshots

  /// Keeps a snapshot when one is due and all it holds is on the feed. Called after commits, and when the feed advances.
  package func feedAdvanced() {
    guard let due = dueSnapshot, !isWriting, failure == nil,
      ControllerRules.mayKeepSnapshot(of: due.appliedIndex, published: publishedIndex())
    else { return }
    isWriting = true
    loop.spawn {
      do { try await self.keepSnapshotIfDue() } catch {
        self.fail(
          (error as? ControllerError) ?? ControllerError(.storage, "a snapshot failed", underlying: "\(error)"), [])
      }
      await self.writeQueued()
    }
  }

  private func keepSnapshotIfDue() async throws {
    if dueSnapshot == nil,
      ControllerRules.isSnapshotDue(
        applied: state.appliedIndex, snapshot: snapshotIndex, entriesPerSnapshot: entriesPerSnapshot)
    {
      dueSnapshot = state
    }
    guard let due = dueSnapshot,
      ControllerRules.mayKeepSnapshot(of: due.appliedIndex, published: publishedIndex())
    else { return }
    let published = publishedIndex()
    dueSnapshot = nil
    try await disk.keepSnapshot(of: due, term: term, published: published)
    snapshotIndex = due.appliedIndex
    logger.info("snapshot kept", [(ControllerSignals.index, due.appliedIndex.description)])
  }

  private func fail(_ cause: any Error, _ batch: [Waiting]) {
    let error = (cause as? ControllerError) ?? ControllerError(.storage, "a write failed", underlying: "\(cause)")
    let waiting = batch + queue
    queue = []
    failure = error
    logger.error("the disk failed", [(ControllerSignals.reason, error.description)])
    for one in waiting { one.fail(error) }
    failed?(error)
  }
}
