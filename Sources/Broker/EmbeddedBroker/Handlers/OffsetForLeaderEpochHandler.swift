internal import KafkaWire

/// OffsetForLeaderEpoch: there has only ever been the epoch 0, and it ends where the log does.
struct OffsetForLeaderEpochHandler: Sendable {
  private let topics: TopicTable

  init(_ topics: TopicTable) { self.topics = topics }

  func handle(
    _ request: OffsetForLeaderEpochRequest, _: RequestContext, reply: (OffsetForLeaderEpochResponse) -> Void
  ) {
    let snapshot = topics.snapshot
    reply(
      OffsetForLeaderEpochResponse { response in
        response.topics = request.topics.map { topic in
          OffsetForLeaderEpochResponse.TopicResponse { found in
            found.topic = topic.topic
            found.partitions = topic.partitions.map { answer($0, snapshot.topic(topic.topic)?.partition($0.partition)) }
          }
        }
      })
  }

  private func answer(
    _ wanted: OffsetForLeaderEpochRequest.Partition, _ partition: Partition?
  ) -> OffsetForLeaderEpochResponse.EpochEndOffset {
    OffsetForLeaderEpochResponse.EpochEndOffset { answer in
      answer.partition = wanted.partition
      guard let partition else {
        answer.errorCode = .unknownTopicOrPartition
        return
      }
      guard wanted.currentLeaderEpoch <= 0 else {
        answer.errorCode = .unknownLeaderEpoch
        return
      }
      guard wanted.leaderEpoch == 0 else { return }
      answer.leaderEpoch = 0
      answer.endOffset = partition.bounds.highWatermark
    }
  }
}
