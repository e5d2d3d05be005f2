package import EventLog
package import EventLoop
package import LogContracts
internal import LogRecords
package import MillraceDomain

/// The topic `functions` on a real log. Confined to its loop, which makes it Sendable.
package final class TopicFeed: CatalogueFeed, @unchecked Sendable {
  private static let partition = TopicPartition(TopicDeclaration.functions.name, 0)
  /// Records looked at from the end before the whole topic is: strangers' records may stand there.
  private static let tailRecordCount: Int64 = 64

  private let loop: EventLoop
  private let options: EventLogOptions
  private let context: RecordContext
  private var producer: LogProducer?

  /// A feed; nothing is connected yet.
  package init(loop: EventLoop, options: EventLogOptions, context: RecordContext) {
    self.loop = loop
    self.options = options
    self.context = context
  }

  package func lastPosition() async throws -> FeedPosition? {
    try await restartProducer()
    return try await retriable {
      let ends = try await self.ends()
      var last: FeedPosition?
      let note = { (record: ConsumedRecord) in
        if let change = try? CatalogueChangeRecord(decoding: record) {
          last = FeedPosition(index: change.index, position: change.position, count: change.count)
        }
      }
      let tail = max(ends.beginning, ends.end - TopicFeed.tailRecordCount)
      try await self.read(from: tail, to: ends.end, note)
      if last == nil, tail > ends.beginning { try await self.read(from: ends.beginning, to: ends.end, note) }
      return last
    }
  }

  package func liveKeys() async throws -> Set<CatalogueKey> {
    try await retriable {
      let ends = try await self.ends()
      var keys: Set<CatalogueKey> = []
      try await self.read(from: ends.beginning, to: ends.end) { record in
        guard let change = try? CatalogueChangeRecord(decoding: record).change else { return }
        switch change {
        case .put(let entity): keys.insert(entity.key)
        case .delete(let key): keys.remove(key)
        }
      }
      return keys
    }
  }

  package func append(_ record: CatalogueChangeRecord, completed: @escaping (ControllerError?) -> Void) {
    guard let producer else {
      return loop.nextRound { completed(ControllerError(.publication, "the feed is closed")) }
    }
    producer.send(record.encoded(context: context)) { outcome in
      switch outcome {
      case .success: completed(nil)
      case .failure(let error): completed(TopicFeed.failure(error))
      }
    }
  }

  /// Gives up what is not acknowledged.
  package func close() async {
    await producer?.close()
    producer = nil
  }

  /// What an earlier producer still tries must not land after the end was read.
  private func restartProducer() async throws {
    await close()
    do { producer = try LogProducer(loop: loop, options: options) } catch { throw TopicFeed.failure(error) }
  }

  private func ends() async throws -> PartitionEnds {
    let admin = try LogAdmin(loop: loop, options: options)
    let ends: PartitionEnds?
    do { ends = try await admin.ends([TopicFeed.partition])[TopicFeed.partition] } catch {
      await admin.close()
      throw error
    }
    await admin.close()
    guard let ends else { throw ControllerError(.publication, "\(TopicFeed.partition) does not tell its ends") }
    return ends
  }

  /// Hands over the records from one offset until before another one.
  private func read(from start: Int64, to end: Int64, _ each: @escaping (ConsumedRecord) -> Void) async throws {
    guard start < end else { return }
    let reader = try PartitionReader(loop: loop, options: options)
    let failure: String? = await withCheckedContinuation { continuation in
      var waiting: CheckedContinuation<String?, Never>? = continuation
      let finish = { (failure: String?) in
        waiting?.resume(returning: failure)
        waiting = nil
      }
      reader.received = { _, records in
        for record in records where record.position.offset < end { each(record) }
        if let last = records.last, last.position.offset >= end - 1 { finish(nil) }
      }
      // Compaction may have removed the last records before the end.
      reader.reachedEnd = { _, offset in if offset >= end { finish(nil) } }
      reader.failed = { error in if error.isFatal || !error.isRetriable { finish(error.description) } }
      loop.schedule(after: ControllerLimits.feedReadTime) { finish("the log did not hand its records over in time") }
      reader.add([TopicFeed.partition: .offset(start)])
    }
    await reader.close()
    if let failure { throw ControllerError(.publication, "the feed cannot be read", underlying: failure) }
  }

  private func retriable<Value>(_ body: () async throws -> Value) async throws -> Value {
    do { return try await body() } catch let error as ControllerError { throw error } catch {
      throw ControllerError(
        .publication, "the topic \(TopicFeed.partition.topic) cannot be read", underlying: "\(error)")
    }
  }

  private static func failure(_ error: EventLogError) -> ControllerError {
    ControllerError(.publication, "the log refused a change", underlying: error.description)
  }
}
