internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

/// Fetch: whole batches of each partition, once there are as many bytes as the client wants or its time is over.
struct FetchHandler: Sendable {
  private let topics: TopicTable
  private let pool: BlockingPool
  private let budget: MemoryBudget
  private let sent = MetricsRegistry.shared.counter(
    "broker_fetched_bytes_total", help: "Bytes of record batches handed to clients.")

  init(_ topics: TopicTable, pool: BlockingPool, budget: MemoryBudget) {
    self.topics = topics
    self.pool = pool
    self.budget = budget
  }

  func handle(_ exchange: Exchange) throws(WireError) {
    let request = try FetchRequest.decode(exchange.body, version: exchange.context.version)
    guard request.sessionID == 0 else {
      // Every answer says session 0, so nobody has another one of us.
      return exchange.answer(
        FetchResponse { $0.errorCode = .fetchSessionIDNotFound }, version: exchange.context.version)
    }
    LongPoll(self, exchange, request).begin()
  }

  /// What the partitions have now. Nil where the disk has to be looked at and may not be.
  fileprivate func collect(_ request: FetchRequest, limit: Int, reach: ReadReach) -> Collection? {
    let snapshot = topics.snapshot
    var collection = Collection()
    for topic in request.topics {
      var response = FetchResponse.TopicResponse { $0.topic = topic.topic }
      for wanted in topic.partitions {
        let partition = snapshot.topic(topic.topic)?.partition(wanted.partition)
        guard
          let data = read(
            wanted, partition, request, left: limit - collection.byteCount, isFirst: collection.byteCount == 0,
            reach, &collection)
        else { return nil }
        response.partitions.append(data)
      }
      collection.response.responses.append(response)
    }
    return collection
  }

  private func read(
    _ wanted: FetchRequest.Partition, _ partition: Partition?, _ request: FetchRequest, left: Int, isFirst: Bool,
    _ reach: ReadReach, _ collection: inout Collection
  ) -> FetchResponse.PartitionData? {
    var data = FetchResponse.PartitionData {
      $0.partitionIndex = wanted.partition
      // Who reads only what is committed gets a list of aborted transactions, of which there are none; others get no list.
      $0.abortedTransactions = request.isolationLevel == 1 ? [] : nil
      $0.records = []
    }
    guard let partition else { return collection.refuse(&data, .unknownTopicOrPartition) }
    guard wanted.currentLeaderEpoch <= 0 else { return collection.refuse(&data, .unknownLeaderEpoch) }
    do throws(PartitionLogError) {
      let (bounds, slice) = try partition.look(
        from: wanted.fetchOffset, maximumBytes: min(Int(wanted.partitionMaxBytes), left), reach)
      data.highWatermark = bounds.highWatermark
      data.lastStableOffset = bounds.highWatermark
      data.logStartOffset = bounds.logStartOffset
      guard let slice else { return nil }
      collection.waits.append((partition, bounds.highWatermark))
      guard !slice.isEmpty, isFirst || left > 0 else { return data }
      guard let bytes = try slice.read(reach) else { return nil }
      // Only the first batch of an answer may be larger than what is left.
      if isFirst || bytes.count <= left {
        data.records = bytes
        collection.byteCount += bytes.count
      }
      return data
    } catch {
      data.highWatermark = -1
      data.lastStableOffset = -1
      data.logStartOffset = -1
      return collection.refuse(&data, error.code)
    }
  }

  /// What a look at the partitions has given.
  fileprivate struct Collection: Sendable {
    var response = FetchResponse()
    var byteCount = 0
    var hasError = false
    /// What to wait for where this is not enough.
    var waits: [(partition: Partition, highWatermark: Int64)] = []

    mutating func refuse(
      _ data: inout FetchResponse.PartitionData, _ code: ErrorCode
    ) -> FetchResponse.PartitionData {
      hasError = true
      data.errorCode = code
      return data
    }
  }

  /// One fetch that may wait. Confined to its loop, which makes it Sendable.
  private final class LongPoll: @unchecked Sendable {
    private let handler: FetchHandler
    private let exchange: Exchange
    private let request: FetchRequest
    private let deadline: LoopInstant
    private let held: Int
    private let limit: Int
    private var wait: FetchWait?
    private var waitsAt: [Partition] = []
    private var timer: LoopTimer?

    init(_ handler: FetchHandler, _ exchange: Exchange, _ request: FetchRequest) {
      self.handler = handler
      self.exchange = exchange
      self.request = request
      let patience = min(max(0, request.maxWaitMilliseconds), BrokerLimits.fetchWaitMilliseconds)
      deadline = LoopInstant.current() + .milliseconds(Int64(patience))
      let wanted = min(max(0, Int(request.maxBytes)), BrokerLimits.fetchBytes)
      held = handler.budget.take(upTo: wanted)
      limit = max(held, min(wanted, BrokerLimits.scarceFetchBytes))
    }

    func begin() {
      if let collection = handler.collect(request, limit: limit, reach: .cached) {
        decide(collection)
      } else {
        exchange.context.loop.spawn { [self] in await readFromDisk() }
      }
    }

    private func readFromDisk() async {
      let (handler, request, limit) = (handler, request, limit)
      do {
        guard let collection = try await handler.pool.run({ handler.collect(request, limit: limit, reach: .disk) })
        else { preconditionFailure("a read from the disk is never put off") }
        decide(collection)
      } catch {
        handler.budget.give(held)
        exchange.reply(.close("too many reads from the disk wait: \(error)"))
      }
    }

    private func decide(_ collection: Collection) {
      let isOver = LoopInstant.current() >= deadline
      guard collection.byteCount < Int(request.minBytes), !collection.hasError, !isOver else {
        return answer(collection)
      }
      let loop = exchange.context.loop
      let wait = FetchWait(loop) { [self] in goOn() }
      self.wait = wait
      waitsAt = collection.waits.map(\.partition)
      timer = loop.schedule(at: deadline) { wait.wake() }
      for (partition, highWatermark) in collection.waits { partition.add(wait, beyond: highWatermark) }
    }

    private func goOn() {
      timer?.cancel()
      timer = nil
      if let wait {
        for partition in waitsAt { partition.remove(wait) }
      }
      (wait, waitsAt) = (nil, [])
      begin()
    }

    private func answer(_ collection: Collection) {
      handler.sent.increment(by: collection.byteCount)
      // Only what is sent is held on.
      let kept = min(held, collection.byteCount)
      handler.budget.give(held - kept)
      exchange.answer(collection.response, version: exchange.context.version, held: kept)
    }
  }
}
