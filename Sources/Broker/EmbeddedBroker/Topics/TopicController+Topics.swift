internal import EventLoop
package import KafkaWire
internal import PartitionLog
internal import Telemetry

extension TopicController {
  /// Whether a change is made, or only looked at.
  package enum Mode: Sendable {
    case make
    /// Nothing changes; what would be refused is refused.
    case validate

    init(validateOnly: Bool) { self = validateOnly ? .validate : .make }
  }

  /// Makes a topic. When it returns, the topic is on the disk and takes records.
  package func create(_ wish: TopicWish, _ mode: Mode = .make) async throws(TopicRefusal) -> MetadataTopic {
    try await beginChange()
    defer { endChange() }
    let plan = try TopicRules.plan(
      wish, existing: names, brokerID: options.brokerID, broker: brokerConfigs)
    try TopicRules.checkRoom(adding: plan.partitionCount, to: table.snapshot.partitionCount)
    var random = SystemRandomNumberGenerator()
    let topic = MetadataTopic(
      id: .random(using: &random), name: wish.name, partitionCount: plan.partitionCount, configs: plan.configs)
    switch mode {
    case .validate: return topic
    case .make: break
    }
    let partitions = try await make(topic, 0..<topic.partitionCount)
    table.put(Topic(topic, partitions))
    logger.info(
      "a topic was made",
      [
        (TopicSignals.topic, topic.name), (TopicSignals.topicID, "\(topic.id)"),
        (TopicSignals.partitionCount, "\(topic.partitionCount)"),
      ])
    return topic
  }

  /// Makes partitions and then records the topic that they belong to; leaves nothing behind where it throws.
  private func make(_ topic: MetadataTopic, _ indices: Range<Int32>) async throws(TopicRefusal) -> [Partition] {
    // What is left of the disk is for what is there already.
    guard hooks.hasRoom() else { throw TopicRefusal(.kafkaStorageError, "The disk is full: retry when there is room.") }
    let (folders, options) = (folders, logOptions(topic))
    let partitions = try await onDisk {
      try folders.make(topic.name, topic.id, indices, options, nowMilliseconds: WallClock.milliseconds())
    }
    do throws(TopicRefusal) { try await record(.topic(topic)) } catch {
      for partition in partitions { try? partition.close(.deleted) }
      try await onDisk { folders.discard(topic.name, indices) }
      throw error
    }
    return partitions
  }

  /// Makes a topic that a client has asked for, as the broker's settings say, unless it is there by then.
  package func createAsked(for name: String) async {
    guard topic(named: name) == nil else { return }
    do throws(TopicRefusal) { _ = try await create(TopicWish(name: name)) } catch {
      guard error.code != .topicAlreadyExists else { return }
      logger.warning(
        "a topic that a client asked for was not made",
        [(TopicSignals.topic, name), (TopicSignals.reason, error.message ?? "")])
    }
  }

  /// The topic that the broker keeps its own records in, with one partition. Makes it where it is not there.
  package func internalTopic(_ name: String) async throws(TopicRefusal) -> Topic {
    if table.snapshot.topic(name) == nil {
      let configs = ["cleanup.policy": "compact", "segment.bytes": "104857600", "compression.type": "producer"]
      let wish = TopicWish(
        name: name, partitionCount: 1, configs: configs.map { TopicWish.Config(name: $0.key, value: $0.value) })
      do throws(TopicRefusal) { _ = try await create(wish) } catch  where error.code == .topicAlreadyExists {}
    }
    guard let topic = table.snapshot.topic(name) else { throw TopicRefusal(.unknownTopicOrPartition) }
    return topic
  }

  /// Adds partitions to a topic. When it returns, they are on the disk and take records.
  package func grow(
    _ name: String, to count: Int32, assignments: [[Int32]]?, _ mode: Mode
  ) async throws(TopicRefusal) {
    try await beginChange()
    defer { endChange() }
    guard var topic = topic(named: name), let served = table.snapshot.topic(topic.id) else {
      throw TopicRefusal(.unknownTopicOrPartition)
    }
    try TopicRules.checkGrowth(
      of: name, from: topic.partitionCount, to: count, assignments: assignments, brokerID: options.brokerID)
    try TopicRules.checkOwner(of: name)
    try TopicRules.checkRoom(adding: count - topic.partitionCount, to: table.snapshot.partitionCount)
    switch mode {
    case .validate: return
    case .make: break
    }
    let added = topic.partitionCount..<count
    topic.partitionCount = count
    table.put(Topic(topic, served.partitions + (try await make(topic, added))))
    logger.info("a topic has grown", [(TopicSignals.topic, name), (TopicSignals.partitionCount, "\(count)")])
  }

  /// Deletes a topic. When it returns, nobody is served it any more, and a start would not find it.
  package func delete(_ id: WireUUID) async throws(TopicRefusal) {
    try await beginChange()
    defer { endChange() }
    guard let topic = image.topics[id] else { throw TopicRefusal(.unknownTopicID) }
    try TopicRules.checkOwner(of: topic.name)
    try await record(.deleteTopic(id))
    let served = table.snapshot.topic(id)
    table.remove(id)
    for partition in served?.partitions ?? [] { try? partition.close(.deleted) }
    await hooks.deleted(topic.name, id)
    await clearAway(topic, served?.partitions ?? [])
    logger.info("a topic was deleted", [(TopicSignals.topic, topic.name), (TopicSignals.topicID, "\(id)")])
    loop.spawn { [self] in await removeRetired() }
  }

  /// Puts the deleted topic's folders aside, and lets its name be used again.
  private func clearAway(_ topic: MetadataTopic, _ partitions: [Partition]) async {
    let (folders, indices, save) = (folders, 0..<topic.partitionCount, hooks.saveLogStarts)
    do throws(TopicRefusal) {
      try await onDisk {
        // Whoever still reads the old partitions may open their files until then, under names that others get.
        defer { for partition in partitions { partition.withLog { $0.forgetFiles() } } }
        try folders.retire(topic.name, indices)
      }
      forgetDeleted(topic.id)
    } catch {
      // The metadata knows that they are to go: the next start does it.
      logger.warning(
        "folders of a deleted topic stay until the next start",
        [(TopicSignals.topic, topic.name), (TopicSignals.reason, error.message ?? "")])
    }
    do throws(TopicRefusal) {
      // Checkpoints know partitions by name: the next topic of that name must not find those of this one.
      try await onDisk { try save() }
      forget(topic)
    } catch {
      logger.error(
        "the name of a deleted topic cannot be used until the next start",
        [(TopicSignals.topic, topic.name), (TopicSignals.reason, error.message ?? "")])
    }
  }

  /// Removes what deleted topics have left on the disk, in the background: it may be much.
  package func removeRetired() async {
    let folders = folders
    do throws(TopicRefusal) {
      for failure in try await onDisk({ try folders.removeRetired() }) {
        logger.warning("what a deleted topic has left could not be removed", [(TopicSignals.reason, "\(failure)")])
      }
    } catch {
      logger.warning("what deleted topics have left could not be removed", [(TopicSignals.reason, error.message ?? "")])
    }
  }

  /// Producer ids that nobody has had, and nobody else gets.
  package func takeProducerIDs() async throws(TopicRefusal) -> Range<Int64> {
    try await beginChange()
    defer { endChange() }
    let first = image.nextProducerID
    let end = first + TopicLimits.producerIDsPerBlock
    try await record(.producerIDBlock(endID: end))
    return first..<end
  }
}
