package import EventLog
package import EventLoop
internal import LogContracts
internal import LogRecords
package import MillraceDomain
internal import Telemetry

/// A materialised view of the topic `functions`: lookups without asking anybody. Confined to its loop, which makes it
/// Sendable.
package final class CatalogueView: @unchecked Sendable {
  private static let partition = TopicPartition(TopicDeclaration.functions.name, 0)

  private let loop: EventLoop
  private let options: EventLogOptions
  private let logger = Logger(label: "catalogue.view")
  private let indexGauge = MetricsRegistry.shared.gauge(
    CatalogueViewSignals.appliedIndex, help: "The last index of the catalogue that this role has seen whole.")
  private let refused = MetricsRegistry.shared.counter(
    CatalogueViewSignals.refusedRecords, help: "Records of functions that break their contract and were left out.")
  private var reader: PartitionReader?
  private var nextOffset: Int64?
  private var isClosed = false
  private var waitingForIndex: [CatalogueWait: (index: CatalogueIndex, body: () -> Void)] = [:]
  private var lastWait: UInt64 = 0
  private var waitingForEnd: [() -> Void] = []

  /// What the view knows. Lookups are dictionary lookups.
  package private(set) var tables = CatalogueTables()
  /// Whether everything that was on the topic when the view was started is here.
  package private(set) var isCaughtUp = false
  /// Called on the loop with each change after it was applied.
  package var changed: ((CatalogueChange) -> Void)?

  /// A view of nothing; ``start()`` begins to read.
  package init(loop: EventLoop, options: EventLogOptions) {
    self.loop = loop
    self.options = options
  }

  /// Begins to read from the beginning. On the loop, once.
  ///
  /// - Throws: `EventLogError` with `configuration` where a setting is wrong.
  package func start() throws {
    precondition(loop.isCurrent && reader == nil)
    let reader = try PartitionReader(
      loop: loop, options: options, prefetchedKibibytes: CatalogueViewLimits.prefetchedKibibytes)
    reader.received = { [weak self] _, records in self?.take(records) }
    reader.reachedEnd = { [weak self] _, _ in self?.catchUp() }
    reader.failed = { [weak self] error in self?.readingFailed(error) }
    reader.add([CatalogueView.partition: nextOffset.map { .offset($0) } ?? .earliest])
    self.reader = reader
  }

  /// Stops reading; lookups go on answering from what is known.
  package func close() async {
    precondition(loop.isCurrent)
    isClosed = true
    let reader = reader
    self.reader = nil
    await reader?.close()
  }

  /// The last index of which every change is here.
  package var appliedIndex: CatalogueIndex { tables.appliedIndex }

  /// Calls `body` on the loop once every change up to the index is here, in the order of these calls: within this call where
  /// they are, and nil is the answer. Some indices never come: the caller bounds the waiting and ends it with ``cancel(_:)``.
  package func whenApplied(_ index: CatalogueIndex, _ body: @escaping () -> Void) -> CatalogueWait? {
    precondition(loop.isCurrent)
    guard index > appliedIndex else {
      body()
      return nil
    }
    lastWait += 1
    let wait = CatalogueWait(number: lastWait)
    waitingForIndex[wait] = (index, body)
    return wait
  }

  /// Ends the waiting; what was to be called is released. Harmless when repeated, and when it has been called.
  package func cancel(_ wait: CatalogueWait) {
    precondition(loop.isCurrent)
    waitingForIndex[wait] = nil
  }

  /// How many wait for an index.
  package var waitingCount: Int { waitingForIndex.count }

  /// Calls `body` on the loop once ``isCaughtUp`` is true: within this call where it is.
  package func whenCaughtUp(_ body: @escaping () -> Void) {
    precondition(loop.isCurrent)
    guard !isCaughtUp else { return body() }
    waitingForEnd.append(body)
  }

  /// Returns once every change up to the index is here, or after `limit`; answers whether they are.
  package func waitUntilApplied(_ index: CatalogueIndex, within limit: Duration) async -> Bool {
    guard index > appliedIndex else { return true }
    return await withCheckedContinuation { continuation in
      var wait: CatalogueWait?
      let timer = loop.schedule(after: limit) { [self] in
        if let wait { cancel(wait) }
        continuation.resume(returning: false)
      }
      wait = whenApplied(index) {
        timer.cancel()
        continuation.resume(returning: true)
      }
    }
  }

  // MARK: the feed

  private func take(_ records: [ConsumedRecord]) {
    for record in records {
      nextOffset = record.position.offset + 1
      do throws(ContractError) {
        let change = try CatalogueChangeRecord(decoding: record)
        tables.apply(change)
        changed?(change.change)
      } catch {
        refused.increment()
        logger.error(
          "a record of the catalogue breaks its contract and is left out",
          [
            (CatalogueViewSignals.position, record.position.description),
            (CatalogueViewSignals.reason, error.description),
          ])
      }
    }
    indexGauge.set(Int(clamping: appliedIndex.number))
    let due = waitingForIndex.filter { $0.value.index <= appliedIndex }.sorted { $0.key.number < $1.key.number }
    for (wait, _) in due { waitingForIndex[wait] = nil }
    for (_, waiting) in due { waiting.body() }
  }

  private func catchUp() {
    guard !isCaughtUp else { return }
    isCaughtUp = true
    logger.info("caught up with the catalogue", [(CatalogueViewSignals.index, appliedIndex.description)])
    let waiting = waitingForEnd
    waitingForEnd = []
    for body in waiting { body() }
  }

  private func readingFailed(_ error: EventLogError) {
    logger.warning("reading the catalogue failed", [(CatalogueViewSignals.reason, error.description)])
    guard error.isFatal, let reader else { return }
    self.reader = nil
    loop.spawn { [self] in
      await reader.close()
      try? await loop.sleep(for: CatalogueViewLimits.restartInterval)
      guard !isClosed else { return }
      do { try start() } catch { preconditionFailure("the same settings were accepted before: \(error)") }
    }
  }
}
