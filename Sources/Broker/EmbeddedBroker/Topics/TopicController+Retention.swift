internal import KafkaWire
internal import PartitionLog
internal import Telemetry

extension TopicController {
  /// Deletes the records of every topic that are too old or too many.
  package func enforceRetention() async {
    for topic in table.snapshot.topics {
      do throws(TopicRefusal) { try await enforceRetention(of: topic) } catch {
        logger.warning(
          "old records were not deleted",
          [(TopicSignals.topic, topic.name), (TopicSignals.reason, error.message ?? "")])
      }
    }
  }

  private func enforceRetention(of topic: Topic) async throws(TopicRefusal) {
    // By the clock's time now and the records' own: a clock that went back deletes later, never sooner.
    let paths = try await onDisk {
      try topic.partitions.flatMap { partition in
        try partition.withLog { try $0.enforceRetention(nowMilliseconds: WallClock.milliseconds()) }
      }
    }
    guard !paths.isEmpty else { return }
    try await saveLogStarts(thenRemove: paths)
    BrokerMetrics.shared.retired.increment(by: paths.count { $0.hasSuffix(".log") })
    logger.debug(
      "old files were deleted", [(TopicSignals.topic, topic.name), (TopicSignals.fileCount, "\(paths.count)")])
  }
}
