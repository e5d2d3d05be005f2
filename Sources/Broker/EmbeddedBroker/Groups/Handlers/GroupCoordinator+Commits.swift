internal import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

extension GroupCoordinator {
  // MARK: committing

  func commit(_ request: OffsetCommitRequest, reply: @escaping (OffsetCommitResponse) -> Void) {
    let snapshot = topics.snapshot
    let isThere = { (name: String, index: Int32) in snapshot.topic(name)?.partition(index) != nil }
    let known = request.topics.contains { topic in topic.partitions.contains { isThere(topic.name, $0.partitionIndex) }
    }
    guard known else { return reply(response(to: request) { _, _ in .unknownTopicOrPartition }) }
    let verdict = { [self] (code: ErrorCode) in
      keep(request, verdict: code, isThere, reply)
    }
    if let refusal { return verdict(refusal) }
    let claim = GroupClaim(
      memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID)
    if groups[request.groupID] == nil {
      guard claim.generation < 0 else { return verdict(.illegalGeneration) }
      guard hasRoomForGroup else { return verdict(.policyViolation) }
    }
    ask(request.groupID) {
      if case .verdict(let code) = $0 { verdict(code) }
    } _: {
      .commit(claim, $0)
    }
  }

  /// Keeps what may be kept; the others are told why not.
  private func keep(
    _ request: OffsetCommitRequest, verdict: ErrorCode, _ isThere: (String, Int32) -> Bool,
    _ reply: @escaping (OffsetCommitResponse) -> Void
  ) {
    let now = clock()
    var changes: [OffsetStore.Change] = []
    let accepted = response(to: request) { topic, partition in
      guard isThere(topic, partition.partitionIndex) else { return .unknownTopicOrPartition }
      guard verdict == .none else { return verdict }
      let metadata = partition.committedMetadata ?? ""
      let code = OffsetStore.verdict(onMetadata: metadata)
      if code == .none {
        changes.append(
          OffsetStore.Change(
            partition: PartitionName(topic, partition.partitionIndex),
            offset: CommittedOffset(
              offset: partition.committedOffset, leaderEpoch: partition.committedLeaderEpoch, metadata: metadata,
              committedMilliseconds: now)))
      }
      return code
    }
    guard !changes.isEmpty else { return reply(accepted) }
    guard offsets.hasRoom(for: changes.count) else { return reply(accepted.refused(.policyViolation)) }
    do throws(PartitionLogError) {
      try change(changes, of: request.groupID) { reply(accepted) }
      metrics.commits.increment()
    } catch {
      let isTooLarge = error.code == .messageTooLarge || error.code == .recordListTooLarge
      reply(accepted.refused(isTooLarge ? .invalidCommitOffsetSize : .coordinatorNotAvailable))
    }
  }

  private func response(
    to request: OffsetCommitRequest, _ code: (String, OffsetCommitRequest.Partition) -> ErrorCode
  ) -> OffsetCommitResponse {
    OffsetCommitResponse { response in
      response.topics = request.topics.map { topic in
        OffsetCommitResponse.TopicResponse { answer in
          answer.name = topic.name
          answer.partitions = topic.partitions.map { partition in
            OffsetCommitResponse.PartitionResponse {
              $0.partitionIndex = partition.partitionIndex
              $0.errorCode = code(topic.name, partition)
            }
          }
        }
      }
    }
  }

  // MARK: looking up

  func fetch(_ request: OffsetFetchRequest, _ context: RequestContext) -> OffsetFetchResponse {
    OffsetFetchResponse { response in
      guard context.version >= 8 else {
        response.topics = committed(request.groupID, request.topics)
        response.errorCode = refusal ?? .none
        return
      }
      response.groups = request.groups.map { group in
        OffsetFetchResponse.GroupResponse {
          $0.groupID = group.groupID
          $0.topics = committed(group.groupID, group.topics)
          $0.errorCode = refusal ?? .none
        }
      }
    }
  }

  /// What is known of the topics; nil is all that the group has committed.
  private func committed(
    _ group: String, _ wanted: [OffsetFetchRequest.Topic]?
  ) -> [OffsetFetchResponse.TopicResponse] {
    let refusal = refusal
    if let wanted {
      return wanted.map { topic in
        OffsetFetchResponse.TopicResponse { answer in
          answer.name = topic.name
          answer.partitions = topic.partitionIndexes.map { index in
            var found = found(index, refusal == nil ? offsets.offset(of: group, PartitionName(topic.name, index)) : nil)
            found.errorCode = refusal ?? .none
            return found
          }
        }
      }
    }
    guard refusal == nil else { return [] }
    var topics: [OffsetFetchResponse.TopicResponse] = []
    for (partition, offset) in offsets.offsets(of: group) {
      if topics.last?.name != partition.topic {
        topics.append(OffsetFetchResponse.TopicResponse { $0.name = partition.topic })
      }
      topics[topics.count - 1].partitions.append(found(partition.index, offset))
    }
    return topics
  }

  private func found(_ index: Int32, _ offset: CommittedOffset?) -> OffsetFetchResponse.PartitionResponse {
    OffsetFetchResponse.PartitionResponse {
      $0.partitionIndex = index
      guard let offset else { return }
      $0.committedOffset = offset.offset
      $0.committedLeaderEpoch = offset.leaderEpoch
      $0.metadata = offset.metadata
    }
  }
}

extension OffsetCommitResponse {
  /// The same, where what was accepted is refused after all.
  fileprivate func refused(_ code: ErrorCode) -> Self {
    var response = self
    for topic in response.topics.indices {
      for index in response.topics[topic].partitions.indices
      where response.topics[topic].partitions[index].errorCode == .none {
        response.topics[topic].partitions[index].errorCode = code
      }
    }
    return response
  }
}
