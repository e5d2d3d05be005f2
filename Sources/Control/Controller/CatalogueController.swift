package import Catalogue
package import ControlWire
package import EventLoop
package import MillraceDomain
internal import Telemetry

/// A member and its feed: commands in, answers and published changes out. Confined to its loop, which makes it Sendable.
package final class CatalogueController: @unchecked Sendable {
  private let loop: EventLoop
  private let member: CatalogueMember
  private let publisher: FeedPublisher
  private let appliedGauge = MetricsRegistry.shared.gauge(
    ControllerSignals.appliedIndex, help: "The last index of the catalogue that is applied.")
  private let waitingGauge = MetricsRegistry.shared.gauge(
    ControllerSignals.waitingChanges, help: "Changes that are not on the feed yet.")
  private var failure: ControllerError?
  /// Called once on the loop when the disk has failed.
  private var failed: (() -> Void)?

  private init(loop: EventLoop, member: CatalogueMember, publisher: FeedPublisher) {
    self.loop = loop
    self.member = member
    self.publisher = publisher
  }

  /// Reads the files and applies what they hold; ``run()`` then publishes. On the loop.
  ///
  /// - Throws: ``ControllerError`` where the files do not allow a start.
  package static func open(
    files: any ControlFiles, feed: any CatalogueFeed, on loop: EventLoop,
    entriesPerSnapshot: UInt64 = ControllerLimits.entriesPerSnapshot,
    retryInterval: Duration = ControllerLimits.publicationRetryInterval
  ) async throws -> CatalogueController {
    let start = try await CatalogueMember.open(files, on: loop, entriesPerSnapshot: entriesPerSnapshot)
    let publisher = FeedPublisher(loop: loop, feed: feed, floor: start.floor, retryInterval: retryInterval)
    for (index, committed) in start.committed { publisher.enqueue(committed, of: index) }
    let controller = CatalogueController(loop: loop, member: start.member, publisher: publisher)
    controller.connect()
    return controller
  }

  /// The catalogue as it is.
  package var state: CatalogueState { member.state }

  /// Where the controller is.
  package var status: ControlStatus {
    let applied = member.state.appliedIndex
    return ControlStatus(
      term: member.term.number, appliedIndex: applied, publishedIndex: publisher.publishedIndex(applied: applied),
      isPublishing: publisher.isPublishing)
  }

  /// Commits a command and calls `completed` on the loop when it is durable, or with why it was not taken: `overloaded`
  /// while too much waits for the disk or the feed.
  package func submit(
    _ action: CatalogueCommand.Action, at time: Timestamp, completed: @escaping CatalogueMember.Completion
  ) {
    guard publisher.waitingChanges < ControllerLimits.waitingChanges else {
      let error = ControllerError(.overloaded, "\(publisher.waitingChanges) changes wait for the log")
      return loop.nextRound { completed(.failure(error)) }
    }
    member.submit(action, at: time, completed: completed)
  }

  /// Publishes until ``stop()``.
  ///
  /// - Throws: ``ControllerError`` when the disk fails or the feed belongs to another catalogue: the process should end.
  package func run() async throws {
    failed = { [publisher] in publisher.stop() }
    if failure != nil { publisher.stop() }
    let member = member
    try await publisher.run(
      applied: { member.state.appliedIndex }, republish: { try await member.republish(feedHas: $0) })
    if let failure { throw failure }
  }

  /// Ends ``run()`` once what is on its way to the feed is answered.
  package func stop() { publisher.stop() }

  private func connect() {
    let (member, publisher) = (member, publisher)
    member.publishedIndex = { [unowned member] in publisher.publishedIndex(applied: member.state.appliedIndex) }
    member.committed = { [weak self] index, committed in
      publisher.enqueue(committed, of: index)
      self?.measure()
    }
    member.failed = { [weak self] error in
      self?.failure = error
      self?.failed?()
    }
    publisher.advanced = { [weak self, unowned member] in
      member.feedAdvanced()
      self?.measure()
    }
    measure()
  }

  private func measure() {
    appliedGauge.set(Int(member.state.appliedIndex.number))
    waitingGauge.set(publisher.waitingChanges)
  }
}
