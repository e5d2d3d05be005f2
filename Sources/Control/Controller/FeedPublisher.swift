package import EventLoop
internal import LogContracts
package import MillraceDomain
internal import Telemetry

/// Publishes committed changes to the feed in order, without gap and without repeat: after every failure it reads where the
/// feed ends and goes on from there. Confined to its loop.
package final class FeedPublisher {
  /// The changes of one index.
  private struct Group {
    let index: CatalogueIndex
    let changes: [CatalogueChange]
  }

  private let loop: EventLoop
  private let feed: any CatalogueFeed
  private let retryInterval: Duration
  private let logger = Logger(label: "controller.feed")
  private let published = MetricsRegistry.shared.counter(
    ControllerSignals.publishedChanges, help: "Changes that the feed has acknowledged.")

  /// Everything above the floor that is not acknowledged as a whole.
  private var groups: [Group] = []
  private var floor: CatalogueIndex
  /// What is sent next.
  private var sendIndex = 0
  private var sendPosition = 0
  private var inFlight = 0
  private var failure: ControllerError?
  private var isStopped = false
  private var ended: CheckedContinuation<Void, Never>?

  /// Whether changes are on their way.
  package private(set) var isPublishing = false
  /// Changes that are not on the feed yet.
  package private(set) var waitingChanges = 0
  /// Called on the loop whenever an index is complete on the feed.
  package var advanced: (() -> Void)?

  /// A publisher of the changes above `floor`, the last index that changed anything in the snapshot the member began from.
  package init(loop: EventLoop, feed: any CatalogueFeed, floor: CatalogueIndex, retryInterval: Duration) {
    self.loop = loop
    self.retryInterval = retryInterval
    self.feed = feed
    self.floor = floor
  }

  /// The last index of which every change is on the feed, given the last index applied.
  package func publishedIndex(applied: CatalogueIndex) -> CatalogueIndex {
    groups.first.map { CatalogueIndex($0.index.number - 1) } ?? applied
  }

  /// Adds what an entry later than any before means for the feed.
  package func enqueue(_ committed: CatalogueMember.Committed, of index: CatalogueIndex) {
    precondition(loop.isCurrent && index > groups.last?.index ?? floor)
    switch committed {
    case .changes(let changes): append(changes, of: index)
    case .wholeState(let changes):
      // What waits is part of the state, and must not reach the feed before it: the feed's end tells what it has.
      precondition(inFlight == 0 && !isPublishing)
      floor = groups.last?.index ?? floor
      groups = []
      waitingChanges = 0
      append(changes, of: index)
    }
    if isPublishing { pump() }
  }

  private func append(_ changes: [CatalogueChange], of index: CatalogueIndex) {
    guard !changes.isEmpty else { return }
    groups.append(Group(index: index, changes: changes))
    waitingChanges += changes.count
  }

  /// Publishes until ``stop()`` or until the feed contradicts the catalogue. `republish` is asked to commit an entry
  /// that tells the feed the whole state.
  ///
  /// - Throws: ``ControllerError`` with `foreignTopic`, or what `republish` throws.
  package func run(
    applied: () -> CatalogueIndex, republish: (Set<CatalogueKey>) async throws -> Void
  ) async throws {
    while !isStopped {
      do {
        try await resume(applied: applied, republish: republish)
        await publishUntilFailure()
      } catch let error as ControllerError where error.isRetriable {
        failure = error
      }
      if let failure, !isStopped {
        logger.warning("publishing stopped, trying again", [(ControllerSignals.reason, failure.description)])
        try? await loop.sleep(for: retryInterval)
      }
      failure = nil
    }
  }

  /// Ends ``run(applied:republish:)`` once what is in flight is answered. On the loop.
  package func stop() {
    isStopped = true
    isPublishing = false
    endIfIdle()
  }

  private func resume(
    applied: () -> CatalogueIndex, republish: (Set<CatalogueKey>) async throws -> Void
  ) async throws {
    let last = try await feed.lastPosition()
    let queued = groups.map { (index: $0.index, count: Int64($0.changes.count)) }
    switch ControllerRules.resumption(after: last, floor: floor, queued: queued, applied: applied()) {
    case .refuse(let reason): throw ControllerError(.foreignTopic, reason)
    case .goOn(let index, let position):
      while let index, let first = groups.first, first.index < index { removeFirstGroup(first) }
      (sendIndex, sendPosition) = (0, index == nil ? 0 : Int(position))
      advanced?()
    case .republish:
      let keys = last == nil ? [] : try await feed.liveKeys()
      logger.warning("the feed lacks changes, publishing the whole state")
      try await republish(keys)
      (sendIndex, sendPosition) = (0, 0)
    }
  }

  private func publishUntilFailure() async {
    await withCheckedContinuation { continuation in
      ended = continuation
      isPublishing = !isStopped
      pump()
      endIfIdle()
    }
  }

  private func pump() {
    while isPublishing, inFlight < ControllerLimits.unacknowledgedChanges, sendIndex < groups.count {
      let group = groups[sendIndex]
      let isLast = sendPosition == group.changes.count - 1
      let record = CatalogueChangeRecord(
        index: group.index, position: Int64(sendPosition), count: Int64(group.changes.count),
        change: group.changes[sendPosition])
      inFlight += 1
      feed.append(record) { [self] error in acknowledged(group, isLast ? .whole : .part, error) }
      (sendIndex, sendPosition) = isLast ? (sendIndex + 1, 0) : (sendIndex, sendPosition + 1)
    }
  }

  private enum Acknowledged { case whole, part }

  private func acknowledged(_ group: Group, _ extent: Acknowledged, _ error: ControllerError?) {
    precondition(loop.isCurrent)
    inFlight -= 1
    if let error {
      failure = failure ?? error
      isPublishing = false
    } else if failure == nil {
      published.increment()
      if extent == .whole {
        precondition(groups.first?.index == group.index, "the feed acknowledges in order")
        removeFirstGroup(group)
        sendIndex -= 1
        advanced?()
      }
    }
    pump()
    endIfIdle()
  }

  private func removeFirstGroup(_ group: Group) {
    groups.removeFirst()
    floor = group.index
    waitingChanges -= group.changes.count
  }

  private func endIfIdle() {
    guard !isPublishing, inFlight == 0, let ended else { return }
    self.ended = nil
    ended.resume()
  }
}
