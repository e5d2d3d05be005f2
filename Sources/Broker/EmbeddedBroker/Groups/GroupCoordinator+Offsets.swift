internal import KafkaWire

extension GroupCoordinator {
  func commit(_ request: OffsetCommitRequest, reply: @escaping (OffsetCommitResponse) -> Void) {
    var verdict = ErrorCode.none
    if !isLoaded {
      verdict = .coordinatorLoadInProgress
    } else if var group = group(makingIfMissing: request.groupID) {
      verdict = group.commit(
        memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID, at: now)
      if verdict == .none, groups[request.groupID] != nil { put(group) }
    } else {
      verdict = .coordinatorNotAvailable
    }
    let time = clock()
    let snapshot = topics.snapshot
    var accepted: [(PartitionName, CommittedOffset)] = []
    var response = OffsetCommitResponse()
    response.topics = request.topics.map { topic in
      OffsetCommitResponse.TopicResponse { answer in
        answer.name = topic.name
        answer.partitions = topic.partitions.map { partition in
          let name = PartitionName(topic.name, partition.partitionIndex)
          let isThere = snapshot.topic(topic.name)?.partition(partition.partitionIndex) != nil
          let error = verdict == .none ? Self.check(partition, isThere: isThere) : verdict
          if error == .none { accepted.append((name, CommittedOffset(partition, time))) }
          return OffsetCommitResponse.PartitionResponse {
            $0.partitionIndex = partition.partitionIndex
            $0.errorCode = error
          }
        }
      }
    }
    guard !accepted.isEmpty else { return reply(response) }
    let id = request.groupID
    let records = accepted.map { GroupRecord.offset(group: id, topic: $0.0.topic, partition: $0.0.index, $0.1) }
    appendCommit(records) { [self] error in
      if error == .none {
        for (name, committed) in accepted { offsets.put(committed, id, name) }
        if groups[id] == nil, emptySince[id] == nil { emptySince[id] = time }
      } else {
        response = response.refused(error)
      }
      reply(response)
    }
  }

  private static func check(_ partition: OffsetCommitRequest.Partition, isThere: Bool) -> ErrorCode {
    guard isThere else { return .unknownTopicOrPartition }
    let isLong = (partition.committedMetadata ?? "").utf8.count > GroupLimits.offsetMetadataBytes
    return isLong ? .offsetMetadataTooLarge : .none
  }

  func fetch(_ request: OffsetFetchRequest, _ context: RequestContext) -> OffsetFetchResponse {
    OffsetFetchResponse { response in
      let error: ErrorCode = isLoaded ? .none : .coordinatorLoadInProgress
      guard context.version >= 8 else {
        response.errorCode = error
        if error == .none { response.topics = committed(request.groupID, request.topics) }
        return
      }
      response.groups = request.groups.map { group in
        OffsetFetchResponse.GroupResponse {
          $0.groupID = group.groupID
          $0.errorCode = error
          if error == .none { $0.topics = committed(group.groupID, group.topics) }
        }
      }
    }
  }

  /// What the group has committed for the partitions; nil is for all that it has committed.
  private func committed(
    _ group: String, _ topics: [OffsetFetchRequest.Topic]?
  ) -> [OffsetFetchResponse.TopicResponse] {
    var wanted: [(topic: String, partitions: [Int32])] = []
    if let topics {
      wanted = topics.map { ($0.name, $0.partitionIndexes) }
    } else {
      let all = Dictionary(grouping: offsets.partitions(of: group), by: \.topic)
      wanted = all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.map(\.index).sorted()) }
    }
    return wanted.map { topic, partitions in
      OffsetFetchResponse.TopicResponse { answer in
        answer.name = topic
        answer.partitions = partitions.map { partition in
          OffsetFetchResponse.PartitionResponse {
            $0.partitionIndex = partition
            guard let found = offsets.offset(group, PartitionName(topic, partition)) else { return }
            $0.committedOffset = found.offset
            $0.committedLeaderEpoch = found.leaderEpoch
            $0.metadata = found.metadata
          }
        }
      }
    }
  }
}

extension CommittedOffset {
  fileprivate init(_ partition: OffsetCommitRequest.Partition, _ time: Int64) {
    self.init(
      offset: partition.committedOffset, leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata ?? "", timestamp: time)
  }
}

extension OffsetCommitResponse {
  /// The same answer, with the error where none was.
  fileprivate func refused(_ error: ErrorCode) -> OffsetCommitResponse {
    var response = self
    for topic in response.topics.indices {
      for index in response.topics[topic].partitions.indices
      where response.topics[topic].partitions[index].errorCode == .none {
        response.topics[topic].partitions[index].errorCode = error
      }
    }
    return response
  }
}
