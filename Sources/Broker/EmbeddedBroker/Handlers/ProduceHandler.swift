internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

/// Produce: appends each partition's batch, and answers once all are as durable as their topics ask.
struct ProduceHandler: Sendable {
  private let topics: TopicTable
  private let committer: Committer
  private let clock: @Sendable () -> Int64
  private let metrics = BrokerMetrics.shared

  init(_ topics: TopicTable, _ committer: Committer, clock: @escaping @Sendable () -> Int64) {
    self.topics = topics
    self.committer = committer
    self.clock = clock
  }

  func handle(_ exchange: Exchange) throws(WireError) {
    guard exchange.context.version >= 3 else {
      // Offered so that librdkafka compresses, and never meant: the records would be of a format that is gone.
      throw WireError(.unsupported, "version \(exchange.context.version) of Produce is offered in name only")
    }
    let request = try ProduceRequest.decode(exchange.body, version: exchange.context.version)
    let production = Production(exchange.withoutBody, acks: request.acks)
    production.hold()
    var dues = CommitDues()
    for topic in request.topicData {
      for partition in topic.partitionData { append(topic.name, partition, request, to: production, &dues) }
    }
    committer.add(dues)
    production.release()
  }

  private func append(
    _ topic: String, _ data: ProduceRequest.PartitionData, _ request: ProduceRequest, to production: Production,
    _ dues: inout CommitDues
  ) {
    let place = production.place(topic, data.index)
    guard (-1...1).contains(request.acks) else {
      return production.refuse(place, .invalidRequiredAcks, "acks is \(request.acks), and must be -1, 0 or 1")
    }
    let snapshot = topics.snapshot
    guard let known = snapshot.topic(topic), let partition = known.partition(data.index) else {
      return production.refuse(place, .unknownTopicOrPartition, nil)
    }
    guard !known.isInternal else {
      return production.refuse(place, .invalidTopicException, "\(topic) is the broker's own")
    }
    guard let records = data.records, !records.isEmpty else {
      return production.refuse(place, .invalidRecord, "there is no batch")
    }
    let loop = production.loop
    let acknowledgement: Partition.Acknowledgement =
      request.acks == -1 ? .durable { loop.execute { production.release() } } : .written
    let outcome = partition.append(
      records, origin: .client, nowMilliseconds: clock(), acknowledgement, to: &dues)
    switch outcome {
    case .refused(let error):
      if error.code == .kafkaStorageError { metrics.refused.increment() }
      production.refuse(place, error.code, error.message)
    case .done(let appended, let bounds):
      count(appended, records.count)
      production.accept(place, appended, bounds)
    case .waiting(let appended, let bounds):
      count(appended, records.count)
      production.hold()
      production.accept(place, appended, bounds)
    }
  }

  private func count(_ appended: Appended, _ byteCount: Int) {
    guard !appended.isDuplicate else { return }
    metrics.appendedBatches.increment()
    metrics.appendedBytes.increment(by: byteCount)
    metrics.appendedRecords.increment(by: Int(appended.lastOffset - appended.baseOffset + 1))
  }
}

/// One request's answer in the making. Confined to its loop, which makes it Sendable.
private final class Production: @unchecked Sendable {
  private let exchange: Exchange
  private let acks: Int16
  private var response = ProduceResponse()
  private var holds = 0
  private var hasFailed = false

  /// Where a partition's answer stands.
  struct Place {
    let topic: Int
    let partition: Int
  }

  var loop: EventLoop { exchange.context.loop }

  init(_ exchange: Exchange, acks: Int16) {
    self.exchange = exchange
    self.acks = acks
  }

  func place(_ topic: String, _ index: Int32) -> Place {
    if response.responses.last?.name != topic {
      response.responses.append(ProduceResponse.TopicResponse { $0.name = topic })
    }
    let last = response.responses.count - 1
    response.responses[last].partitionResponses.append(ProduceResponse.PartitionResponse { $0.index = index })
    return Place(topic: last, partition: response.responses[last].partitionResponses.count - 1)
  }

  func accept(_ place: Place, _ appended: Appended, _ bounds: PartitionBounds) {
    update(place) {
      $0.baseOffset = appended.baseOffset
      $0.logAppendTimeMilliseconds = appended.logAppendTimeMilliseconds ?? -1
      $0.logStartOffset = bounds.logStartOffset
    }
  }

  func refuse(_ place: Place, _ code: ErrorCode, _ message: String?) {
    hasFailed = true
    update(place) {
      $0.errorCode = code
      $0.errorMessage = message
    }
  }

  private func update(_ place: Place, _ change: (inout ProduceResponse.PartitionResponse) -> Void) {
    change(&response.responses[place.topic].partitionResponses[place.partition])
  }

  /// One more thing is waited for.
  func hold() { holds += 1 }

  /// One thing less is waited for; with the last the answer goes out.
  func release() {
    holds -= 1
    guard holds == 0 else { return }
    guard acks != 0 else {
      // Who wants no answer learns of an error by the connection's end.
      return exchange.reply(hasFailed ? .close("a batch with acks 0 was refused") : .nothing)
    }
    exchange.answer(response, version: exchange.context.version)
  }
}
