internal import KafkaWire
internal import PartitionLog
internal import Telemetry

extension TopicController {
  /// DeleteRecords: where logs start is on the disk before it is answered for; files are removed after that.
  func answer(_ request: DeleteRecordsRequest) async -> DeleteRecordsResponse {
    var response = DeleteRecordsResponse()
    var paths: [String] = []
    for topic in request.topics {
      var answered = DeleteRecordsResponse.TopicResponse()
      answered.name = topic.name
      for asked in topic.partitions {
        var result = DeleteRecordsResponse.PartitionResponse()
        result.partitionIndex = asked.partitionIndex
        do throws(TopicRefusal) {
          let deleted = try await deleteRecords(topic.name, asked)
          paths += deleted.paths
          result.lowWatermark = deleted.logStartOffset
        } catch { result.errorCode = error.code }
        answered.partitions.append(result)
      }
      response.topics.append(answered)
    }
    do throws(TopicRefusal) { try await saveLogStarts(thenRemove: paths) } catch {
      logger.warning("deleted records may come back with a restart", [(TopicSignals.reason, error.message ?? "")])
      response.fail(error.code)
    }
    return response
  }

  private func deleteRecords(
    _ topic: String, _ asked: DeleteRecordsRequest.Partition
  ) async throws(TopicRefusal) -> (paths: [String], logStartOffset: Int64) {
    guard let served = table.snapshot.topic(topic), let partition = served.partition(asked.partitionIndex) else {
      throw TopicRefusal(.unknownTopicOrPartition)
    }
    guard !served.isInternal else { throw TopicRefusal(.invalidTopicException) }
    let offset = asked.offset
    // On the disk's threads: closing what is deleted from may read an index.
    return try await onDisk {
      try partition.withLog { log in
        guard log.options.cleanup != .compact else { throw TopicRefusal(.policyViolation) }
        guard offset >= -1 else { throw TopicRefusal(.offsetOutOfRange) }
        let paths = try log.deleteRecords(before: offset, nowMilliseconds: WallClock.milliseconds())
        return (paths, log.logStartOffset)
      }
    }
  }

  func saveLogStarts(thenRemove paths: [String]) async throws(TopicRefusal) {
    let (save, files) = (hooks.saveLogStarts, files)
    try await onDisk {
      try save()
      for path in paths { try files.remove(path) }
    }
  }
}

extension DeleteRecordsResponse {
  /// What was deleted cannot be answered for.
  fileprivate mutating func fail(_ code: ErrorCode) {
    for topic in topics.indices {
      for partition in topics[topic].partitions.indices where topics[topic].partitions[partition].errorCode == .none {
        topics[topic].partitions[partition].errorCode = code
        topics[topic].partitions[partition].lowWatermark = -1
      }
    }
  }
}
