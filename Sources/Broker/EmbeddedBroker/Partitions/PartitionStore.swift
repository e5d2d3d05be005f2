package import KafkaWire
package import PartitionLog
internal import Synchronization

/// Opens partitions in the broker's data folder, each with what was remembered of it over the restart.
package final class PartitionStore: Sendable {
  /// The data folder.
  package let directory: String
  /// The file system that it is on.
  package let files: any FileLayer
  private let cache: FileCache
  private let producerCount = ProducerCount()
  private let committer: Committer
  private let remembered: [PartitionName: LogCheckpoint]
  private let shutdown: PartitionLog.Shutdown

  package init(
    directory: String, files: any FileLayer, committer: Committer, remembered: [PartitionName: LogCheckpoint],
    after shutdown: PartitionLog.Shutdown
  ) {
    self.directory = directory
    self.files = files
    self.committer = committer
    self.remembered = remembered
    self.shutdown = shutdown
    cache = FileCache(files)
  }

  /// The folder of a partition.
  package func folder(_ topic: String, _ index: Int32) -> String { "\(directory)/\(topic)-\(index)" }

  /// Opens one that was there when the broker started. Blocks.
  package func open(
    topic: String, id: WireUUID, index: Int32, options: LogOptions, nowMilliseconds now: Int64
  ) throws(PartitionLogError) -> Partition {
    try make(topic, id, index, options, remembered[PartitionName(topic, index)] ?? LogCheckpoint(), shutdown, now)
  }

  /// Makes one that was not there. Blocks.
  package func create(
    topic: String, id: WireUUID, index: Int32, options: LogOptions, nowMilliseconds now: Int64
  ) throws(PartitionLogError) -> Partition {
    try make(topic, id, index, options, LogCheckpoint(), .unclean, now)
  }

  private func make(
    _ topic: String, _ id: WireUUID, _ index: Int32, _ options: LogOptions, _ checkpoint: LogCheckpoint,
    _ shutdown: PartitionLog.Shutdown, _ now: Int64
  ) throws(PartitionLogError) -> Partition {
    let log = try PartitionLog(
      directory: folder(topic, index), topicID: id, options: options, files: files, cache: cache,
      producerCount: producerCount, checkpointed: checkpoint, after: shutdown, nowMilliseconds: now)
    return Partition(topic: topic, topicID: id, index: index, log: log, committer: committer)
  }
}

/// A topic's name and a partition's number.
package struct PartitionName: Hashable, Sendable {
  package let topic: String
  package let index: Int32

  package init(_ topic: String, _ index: Int32) {
    self.topic = topic
    self.index = index
  }
}
