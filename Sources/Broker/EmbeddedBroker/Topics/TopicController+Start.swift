package import EventLoop
internal import KafkaWire
internal import PartitionLog
internal import Telemetry

extension TopicController {
  /// Reads the metadata of the store's folder, opens the partitions of every topic and serves them. Blocks: it is called
  /// before the loops have clients.
  ///
  /// - Throws: ``BrokerError`` with `damaged` where the metadata or a folder is not what was written, and with
  ///   `folder_unusable` where the disk fails.
  package static func start(
    on loop: EventLoop, pool: BlockingPool, store: PartitionStore, table: TopicTable, options: Options,
    hooks: TopicHooks
  ) throws(BrokerError) -> TopicController {
    let logger = Logger(label: "broker.topics")
    do {
      let metadata = try MetadataLog(directory: store.directory, files: store.files)
      if metadata.discardedByteCount > 0 {
        logger.warning(
          "the metadata log ended in a record that was not whole: it was cut off",
          [(TopicSignals.byteCount, "\(metadata.discardedByteCount)")])
      }
      let image = metadata.image
      let configs = BrokerConfigs(
        start: options.start, broker: image.brokerConfigs, everyBroker: image.everyBrokerConfigs)
      let (topics, findings) = try TopicFolders(store).open(image, nowMilliseconds: WallClock.milliseconds()) { topic in
        configs.logOptions(topic: topic.configs, flush: options.flush)
      }
      for partition in findings.missing {
        logger.error(
          "the folder of a partition was not there and was made anew, empty",
          [(TopicSignals.topic, partition.topic), (TopicSignals.partition, "\(partition.index)")])
      }
      for folder in findings.retired {
        logger.info("a folder that belongs to no topic was put aside to be removed", [(TopicSignals.folder, folder)])
      }
      for topic in topics { table.put(topic) }
      // Of topics that are gone nothing stays in the checkpoints, for a later one of the same name.
      try hooks.saveLogStarts()
      for id in image.deleted { metadata.forgetDeleted(id) }
      try metadata.fold()
      return TopicController(
        on: loop, pool: pool, metadata: metadata, store: store, table: table, options: options, hooks: hooks)
    } catch let error as MetadataError where error.code == .damaged {
      throw BrokerError(.damaged, error.message)
    } catch {
      throw BrokerError(.folderUnusable, "\(error)")
    }
  }

  /// What is done now and then, until the task is cancelled: what deleted topics have left is removed, and records that are
  /// too old or too many.
  package func run() async {
    await removeRetired()
    while (try? await loop.sleep(for: TopicLimits.retentionInterval)) != nil { await enforceRetention() }
  }

  /// Ends what is under way: no change is made any more when it returns, and the metadata is folded, so that a flipped bit
  /// cannot pass for a record that was being written.
  package func stop() async {
    do throws(TopicRefusal) {
      try await beginChange()
      defer { endChange() }
      refuseFurtherChanges()
      try await foldMetadata()
    } catch {
      logger.warning("the metadata log could not be folded", [(TopicSignals.reason, error.message ?? "")])
    }
  }
}
