internal import EventLoop
internal import PartitionLog
internal import Synchronization
internal import Telemetry

/// Moves the recovery points now and then, so that a start after a kill looks at little. Its work is done on a pool's thread.
final class Checkpointer: Sendable {
  private let directory: DataDirectory
  private let files: any FileLayer
  private let topics: TopicTable
  private let failed: @Sendable (String) -> Void
  private let logger = Logger(label: "broker.checkpoint")
  /// One at a time: two would write the same files.
  private let turn = Mutex(())

  init(
    _ directory: DataDirectory, files: any FileLayer, topics: TopicTable, failed: @escaping @Sendable (String) -> Void
  ) {
    self.directory = directory
    self.files = files
    self.topics = topics
    self.failed = failed
  }

  /// Checkpoints each partition that has moved, then remembers all. Blocks: not on a loop.
  func run() {
    let began = LoopInstant.current()
    defer { BrokerMetrics.shared.checkpointTime.record(LoopInstant.current() - began) }
    turn.withLock { _ in
      let partitions = topics.snapshot.topics.flatMap(\.partitions)
      let moved = partitions.filter { partition in partition.withLog { $0.recoveryPoint < $0.logEndOffset } }
      guard !moved.isEmpty else { return }
      do {
        // Several at once: the file system's journal commits their syncs together.
        _ = try ParallelWork.map(count: moved.count, threads: BrokerLimits.checkpointThreads) { [self] number in
          try checkpoint(moved[number])
        }
        try directory.writeCheckpoints(partitions)
      } catch let error as FileError where error.isFailedSync {
        // What is on the disk is unknown. Whatever else fails leaves the recovery points where they are, and is only told.
        failed("\(error)")
      } catch {
        logger.warning("no checkpoint was made", [(BrokerSignals.reason, "\(error)")])
      }
    }
  }

  private func checkpoint(_ partition: Partition) throws(FileError) {
    let checkpoint: PartitionLog.Checkpoint?
    do { checkpoint = try partition.withLog { try $0.checkpoint() } } catch {
      // Its recovery point stays where it is: a start after a kill looks at more.
      return logger.warning(
        "no checkpoint was made", [(BrokerSignals.topic, partition.topic), (BrokerSignals.reason, "\(error)")])
    }
    guard let checkpoint else { return }
    do throws(FileError) {
      try checkpoint.perform()
      partition.withLog { $0.finish(checkpoint) }
      try checkpoint.removeOldSnapshots()
    } catch {
      // The folder of a deleted topic has another name.
      guard partition.isDeleted else { throw error }
    }
  }

  /// Remembers the log starts after records were deleted, before that is answered. Blocks.
  func remember() throws(FileError) {
    try turn.withLock { _ throws(FileError) in
      try directory.writeCheckpoints(topics.snapshot.topics.flatMap(\.partitions))
    }
  }
}
