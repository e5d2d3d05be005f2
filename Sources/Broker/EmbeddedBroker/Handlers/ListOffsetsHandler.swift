internal import EventLoop
internal import KafkaWire
internal import PartitionLog

/// ListOffsets: both ends of a partition, and the first record from a time on.
struct ListOffsetsHandler: Sendable {
  private let topics: TopicTable
  private let pool: BlockingPool

  init(_ topics: TopicTable, pool: BlockingPool) {
    self.topics = topics
    self.pool = pool
  }

  /// The times that are none, by the numbers on the wire.
  private enum Question {
    static let latest: Int64 = -1
    static let earliest: Int64 = -2
    static let maximumTimestamp: Int64 = -3
  }

  func handle(
    _ request: ListOffsetsRequest, _ context: RequestContext, reply: @escaping (ListOffsetsResponse) -> Void
  ) {
    if let response = response(request, context.version, .cached) { return reply(response) }
    let reply = Reply(call: reply)
    context.loop.spawn {
      let found = try? await pool.run { response(request, context.version, .disk) }
      reply.call((found ?? nil) ?? busy(request))
    }
  }

  /// Carries a call of the loop over a suspension that comes back to the loop: hence Sendable.
  private struct Reply: @unchecked Sendable {
    let call: (ListOffsetsResponse) -> Void
  }

  private func response(
    _ request: ListOffsetsRequest, _ version: Int16, _ reach: ReadReach
  ) -> ListOffsetsResponse? {
    let snapshot = topics.snapshot
    var response = ListOffsetsResponse()
    for topic in request.topics {
      var found = ListOffsetsResponse.TopicResponse { $0.name = topic.name }
      for wanted in topic.partitions {
        let partition = snapshot.topic(topic.name)?.partition(wanted.partitionIndex)
        guard let answer = look(partition, wanted, version, reach) else { return nil }
        found.partitions.append(answer)
      }
      response.topics.append(found)
    }
    return response
  }

  private func look(
    _ partition: Partition?, _ wanted: ListOffsetsRequest.Partition, _ version: Int16, _ reach: ReadReach
  ) -> ListOffsetsResponse.PartitionResponse? {
    var answer = ListOffsetsResponse.PartitionResponse { $0.partitionIndex = wanted.partitionIndex }
    guard let partition else {
      answer.errorCode = .unknownTopicOrPartition
      return answer
    }
    guard wanted.currentLeaderEpoch <= 0 else {
      answer.errorCode = .unknownLeaderEpoch
      return answer
    }
    do throws(PartitionLogError) {
      switch wanted.timestamp {
      case Question.latest: answer.offset = partition.bounds.highWatermark
      case Question.earliest: answer.offset = partition.bounds.logStartOffset
      case Question.maximumTimestamp where version >= 7:
        guard try take(partition.find({ log throws(PartitionLogError) in try log.latestMoment(reach: reach) }), &answer)
        else { return nil }
      case 0...:
        guard
          try take(
            partition.find({ log throws(PartitionLogError) in
              try log.find(timestamp: wanted.timestamp, reach: reach)
            }), &answer)
        else { return nil }
      case _: answer.errorCode = .unsupportedVersion
      }
      if answer.offset >= 0 { answer.leaderEpoch = 0 }
    } catch { answer.errorCode = error.code }
    return answer
  }

  /// False where the disk has to be looked at.
  private func take(
    _ search: PartitionLog.TimeSearch, _ answer: inout ListOffsetsResponse.PartitionResponse
  ) -> Bool {
    switch search {
    case .found(let moment):
      answer.offset = moment.offset
      answer.timestamp = moment.timestamp
    case .none: break
    case .blocked: return false
    }
    return true
  }

  private func busy(_ request: ListOffsetsRequest) -> ListOffsetsResponse {
    ListOffsetsResponse { response in
      response.topics = request.topics.map { topic in
        ListOffsetsResponse.TopicResponse { found in
          found.name = topic.name
          found.partitions = topic.partitions.map { wanted in
            ListOffsetsResponse.PartitionResponse {
              $0.partitionIndex = wanted.partitionIndex
              $0.errorCode = .kafkaStorageError
            }
          }
        }
      }
    }
  }
}
