internal import EventLog
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import MillraceDomain
internal import Telemetry

/// Outcomes for this gateway's waiting calls, as they come on its partition of `replies`. Confined to its loop.
final class ReplyFeed: @unchecked Sendable {
  private let loop: EventLoop
  private let options: EventLogOptions
  private let logger = Logger(label: "gateway.replies")
  private let key: [UInt8]
  private let refused = MetricsRegistry.shared.counter(
    GatewaySignals.strayReplies, help: "Replies that break their contract.")
  private var reader: PartitionReader?
  private var nextOffset: Int64?
  private var isClosed = false

  /// The partition it reads.
  let partition: Int32
  /// Whether a reply to a task that is appended now will be seen.
  private(set) var isInPlace = false
  /// Called with each outcome for this gateway.
  var received: ((AttemptOutcome) -> Void)?

  init(loop: EventLoop, options: EventLogOptions, gateway: ComponentID) {
    self.loop = loop
    self.options = options
    key = Array(gateway.text.utf8)
    partition = GatewayRules.repliesPartition(of: gateway, of: TopicDeclaration.replies.partitions)
  }

  func start() throws {
    precondition(loop.isCurrent && reader == nil)
    let reader = try PartitionReader(loop: loop, options: options)
    reader.received = { [weak self] _, records in self?.take(records) }
    reader.reachedEnd = { [weak self] _, offset in self?.reachEnd(offset) }
    reader.failed = { [weak self] error in self?.readingFailed(error) }
    reader.add([TopicPartition(TopicDeclaration.replies.name, partition): nextOffset.map { .offset($0) } ?? .latest])
    self.reader = reader
  }

  func close() async {
    isClosed = true
    isInPlace = false
    let reader = reader
    self.reader = nil
    await reader?.close()
  }

  private func reachEnd(_ offset: Int64) {
    nextOffset = max(nextOffset ?? 0, offset)
    guard !isInPlace else { return }
    isInPlace = true
    logger.info(
      "replies are read", [(GatewaySignals.position, "\(TopicDeclaration.replies.name)[\(partition)]@\(offset)")])
  }

  private func take(_ records: [ConsumedRecord]) {
    for record in records {
      nextOffset = record.position.offset + 1
      // Other gateways may read the same partition.
      guard record.key == key else { continue }
      do throws(ContractError) {
        received?(try AttemptOutcome(decodingReply: record))
      } catch {
        refused.increment()
        logger.error(
          "a reply breaks its contract and is left out",
          [(GatewaySignals.position, record.position.description), (GatewaySignals.reason, error.description)])
      }
    }
  }

  private func readingFailed(_ error: EventLogError) {
    logger.warning("reading replies failed", [(GatewaySignals.reason, error.description)])
    guard error.isFatal, let reader else { return }
    self.reader = nil
    // What is known of the end stays true: a new reader goes on where this one stopped.
    isInPlace = nextOffset != nil
    loop.spawn { [self] in
      await reader.close()
      try? await loop.sleep(for: GatewayLimits.restartInterval)
      guard !isClosed else { return }
      do { try start() } catch { preconditionFailure("the same settings were accepted before: \(error)") }
    }
  }
}
