internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

/// Fetch: whole batches of each partition, once there are as many bytes as the client wants or its time is over.
struct FetchHandler: Sendable {
  private let topics: TopicTable
  private let pool: BlockingPool
  private let budget: MemoryBudget
  private let metrics = BrokerMetrics.shared

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

  /// One fetch that may wait. Confined to its loop, which makes it Sendable.
  private final class LongPoll: @unchecked Sendable {
    private let handler: FetchHandler
    private let exchange: Exchange
    private let request: FetchRequest
    private let deadline: LoopInstant
    private let limit: Int
    /// What is held of the budget while there is an answer in the making: never while it waits.
    private var held = 0
    private var wait: FetchWait?
    private var waitsAt: [Partition] = []
    private var timer: LoopTimer?

    init(_ handler: FetchHandler, _ exchange: Exchange, _ request: FetchRequest) {
      self.handler = handler
      self.exchange = exchange
      self.request = request
      let patience = min(max(0, request.maxWaitMilliseconds), BrokerLimits.fetchWaitMilliseconds)
      deadline = LoopInstant.current() + .milliseconds(Int64(patience))
      limit = min(max(0, Int(request.maxBytes)), BrokerLimits.fetchBytes)
    }

    private var pieceByteCount: Int { max(held, BrokerLimits.scarcePieceBytes) }

    private func collection(_ reach: ReadReach) -> FetchCollection? {
      FetchCollection(
        request, of: handler.topics.snapshot, limit: limit, heldBytes: pieceByteCount, reach: reach)
    }

    func begin() {
      held = handler.budget.take(upTo: min(limit, BrokerLimits.pieceBytes))
      if let collection = collection(.cached) {
        decide(collection)
      } else {
        exchange.context.loop.spawn { [self] in await readFromDisk() }
      }
    }

    private func readFromDisk() async {
      do {
        guard let collection = try await handler.pool.run({ [self] in collection(.disk) })
        else { preconditionFailure("a read from the disk is never put off") }
        decide(collection)
      } catch {
        // Too many reads wait: the client is told what it tries again, in a moment.
        handler.budget.give(held)
        exchange.answer(
          FetchCollection.refusal(of: request, .kafkaStorageError), version: exchange.context.version)
      }
    }

    private func decide(_ collection: FetchCollection) {
      let isOver = LoopInstant.current() >= deadline
      guard collection.byteCount < Int(request.minBytes), !collection.hasError, !isOver else {
        return answer(collection)
      }
      handler.budget.give(held)
      held = 0
      let loop = exchange.context.loop
      let wait = FetchWait(loop) { [self] in goOn() }
      self.wait = wait
      handler.metrics.waits.increment()
      handler.metrics.waiting.add(1)
      waitsAt = collection.waits.map(\.partition)
      timer = loop.schedule(at: deadline) { wait.wake() }
      for (partition, highWatermark) in collection.waits { partition.add(wait, beyond: highWatermark) }
    }

    private func goOn() {
      timer?.cancel()
      timer = nil
      if let wait {
        handler.metrics.waiting.add(-1)
        for partition in waitsAt { partition.remove(wait) }
      }
      (wait, waitsAt) = (nil, [])
      begin()
    }

    private func answer(_ collection: FetchCollection) {
      handler.metrics.fetchedBytes.increment(by: collection.byteCount)
      guard collection.hasSlices else {
        // It is in the stream's buffer, which counts no more once it has gone.
        handler.budget.give(held)
        return exchange.answer(collection.response, version: exchange.context.version)
      }
      let errors = collection.errors
      if !errors.isEmpty { RequestMetrics.shared.told(errors, .fetch) }
      do throws(WireError) {
        let parts = try collection.parts(exchange.header)
        let answer = PiecedAnswer(parts, pieceByteCount: pieceByteCount, pool: handler.pool)
        exchange.reply(.pieces(answer, held: held))
      } catch {
        handler.budget.give(held)
        exchange.reply(.close("the answer cannot be written: \(error.message)"))
      }
    }
  }
}
