extension TopicConfig {
  /// Every setting, by name.
  package static let all: [TopicConfig] = {
    let groups = [records, segments, cleaning, flushing, compression, elsewhere]
    return groups.flatMap { $0 }.sorted { $0.name < $1.name }
  }()

  private static let records: [TopicConfig] = [
    TopicConfig(
      "max.message.bytes", .int, "1048588", broker: "message.max.bytes", rule: .atLeast(0), effect: .honoured,
      says: "The most bytes that one record batch may have, as it was sent."),
    TopicConfig(
      "message.timestamp.type", .string, "CreateTime", broker: "log.message.timestamp.type",
      rule: .oneOf(["CreateTime", "LogAppendTime"]), effect: .honoured,
      says: "Whose time a record carries: the producer's, or that at which the broker appended it."),
    TopicConfig(
      "message.timestamp.after.max.ms", .long, "3600000", broker: "log.message.timestamp.after.max.ms",
      rule: .atLeast(0),
      effect: .honoured, says: "How far a producer's time may be ahead of the broker's. A batch beyond is refused."),
    TopicConfig(
      "message.timestamp.before.max.ms", .long, "9223372036854775807", broker: "log.message.timestamp.before.max.ms",
      rule: .atLeast(0), effect: .honoured,
      says: "How far a producer's time may be behind the broker's. A batch beyond is refused."),
    TopicConfig(
      "min.insync.replicas", .int, "1", broker: "min.insync.replicas", rule: .atLeast(1),
      says: "Of how many replicas an acknowledgement of all needs to be sure. There is one replica here."),
  ]

  private static let segments: [TopicConfig] = [
    TopicConfig(
      "segment.bytes", .int, "134217728", broker: "log.segment.bytes", rule: .atLeast(1_048_576), effect: .honoured,
      says: "The size at which a partition begins its next file. Old records are deleted by whole files."),
    TopicConfig(
      "internal.segment.bytes", .int, "134217728", rule: .atLeast(14), effect: .honoured, isInternal: true,
      says: "As segment.bytes, smaller than anyone but a test wants it."),
    TopicConfig(
      "segment.ms", .long, "604800000", broker: "log.roll.ms", showsBrokerDefault: false, rule: .atLeast(1),
      effect: .honoured,
      says: "The age at which a partition begins its next file although the last is not full."),
    TopicConfig(
      "segment.jitter.ms", .long, "0", broker: "log.roll.jitter.ms", showsBrokerDefault: false, rule: .atLeast(0),
      says: "By how much at most files begin before their age, at random, so that not all do at once."),
    TopicConfig(
      "segment.index.bytes", .int, "10485760", broker: "log.index.size.max.bytes", rule: .atLeast(4), effect: .honoured,
      says: "The size of an index at which a partition begins its next file."),
    TopicConfig(
      "index.interval.bytes", .int, "4096", broker: "log.index.interval.bytes", rule: .atLeast(0), effect: .honoured,
      says: "After how many appended bytes the index gets its next entry."),
    TopicConfig(
      "preallocate", .boolean, "false", broker: "log.preallocate",
      says: "Whether a file gets its full size when it is made. Files grow as they are written here."),
    TopicConfig(
      "file.delete.delay.ms", .long, "60000", broker: "log.segment.delete.delay.ms", rule: .atLeast(0),
      says: "How long a deleted file stays on disk. Readers that have it open keep it that long here."),
  ]

  private static let cleaning: [TopicConfig] = [
    TopicConfig(
      "cleanup.policy", .list, "delete", broker: "log.cleanup.policy", rule: .oneOf(["compact", "delete"]),
      effect: .honoured,
      says:
        "What becomes of old records: deleted by age and size (delete), or kept (compact; compaction is not done yet)."),
    TopicConfig(
      "retention.ms", .long, "604800000", broker: "log.retention.ms", showsBrokerDefault: false, rule: .atLeast(-1),
      effect: .honoured,
      says: "How long records are kept at least, where old ones are deleted; -1 for ever."),
    TopicConfig(
      "retention.bytes", .long, "-1", broker: "log.retention.bytes", rule: .any, effect: .honoured,
      says: "How many bytes of a partition are kept at least, where old records are deleted; -1 for no limit."),
    TopicConfig(
      "delete.retention.ms", .long, "86400000", broker: "log.cleaner.delete.retention.ms", rule: .atLeast(0),
      says: "How long compaction keeps the mark that a key was deleted."),
    TopicConfig(
      "min.compaction.lag.ms", .long, "0", broker: "log.cleaner.min.compaction.lag.ms", rule: .atLeast(0),
      says: "How long a record stays out of compaction at least."),
    TopicConfig(
      "max.compaction.lag.ms", .long, "9223372036854775807", broker: "log.cleaner.max.compaction.lag.ms",
      rule: .atLeast(1),
      says: "How long a record stays out of compaction at most."),
    TopicConfig(
      "min.cleanable.dirty.ratio", .double, "0.5", broker: "log.cleaner.min.cleanable.ratio", rule: .fraction,
      says: "Which part of a partition must be new since its last compaction before it is compacted again."),
  ]

  private static let flushing: [TopicConfig] = [
    TopicConfig(
      "flush.messages", .long, "9223372036854775807", broker: "log.flush.interval.messages", rule: .atLeast(1),
      effect: .honoured,
      says:
        "After how many records a partition is synced to disk. Where this or flush.ms is set, an acknowledgement does not "
        + "wait for the disk, unless it is 1."),
    TopicConfig(
      "flush.ms", .long, "9223372036854775807", broker: "log.flush.interval.ms", showsBrokerDefault: false,
      rule: .atLeast(0),
      effect: .honoured,
      says:
        "How long a record may wait to be synced to disk. Where this or flush.messages is set, an acknowledgement does "
        + "not wait for the disk, unless it is 0; the highest number asks for no sync at all."),
  ]

  private static let compression: [TopicConfig] = [
    TopicConfig(
      "compression.type", .string, "producer", broker: "compression.type",
      rule: .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
      says: "How batches are compressed on disk. They are kept as their producer sent them here, whatever is set."),
    TopicConfig(
      "compression.gzip.level", .int, "-1", broker: "compression.gzip.level", rule: .gzipLevel,
      says: "The level where the broker compresses with gzip."),
    TopicConfig(
      "compression.lz4.level", .int, "9", broker: "compression.lz4.level", rule: .between(1, 17),
      says: "The level where the broker compresses with lz4."),
    TopicConfig(
      "compression.zstd.level", .int, "3", broker: "compression.zstd.level", rule: .between(-131_072, 22),
      says: "The level where the broker compresses with zstd."),
  ]

  /// What governs replication and storage elsewhere, neither of which there is here.
  private static let elsewhere: [TopicConfig] = [
    TopicConfig(
      "unclean.leader.election.enable", .boolean, "false", broker: "unclean.leader.election.enable",
      says: "Whether a replica that is behind may lead. There is one replica here."),
    TopicConfig(
      "leader.replication.throttled.replicas", .list, "", rule: .replicas,
      says: "Replicas whose leader sends to followers at a limited rate. There are no followers here."),
    TopicConfig(
      "follower.replication.throttled.replicas", .list, "", rule: .replicas,
      says: "Replicas that follow at a limited rate. There are no followers here."),
    TopicConfig(
      "remote.storage.enable", .boolean, "false",
      rule: .onlyFalse(
        "Tiered Storage functionality is disabled in the broker. "
          + "Topic cannot be configured with remote log storage."),
      says: "Whether old records move to another store. There is none here."),
    TopicConfig(
      "remote.log.copy.disable", .boolean, "false",
      says: "Whether no more records move to another store. There is none here."),
    TopicConfig(
      "remote.log.delete.on.disable", .boolean, "false",
      says: "Whether another store is emptied once it is no longer used. There is none here."),
    TopicConfig(
      "local.retention.ms", .long, "-2", broker: "log.local.retention.ms", rule: .atLeast(-2),
      says: "How long records that another store has are kept here too. There is none here."),
    TopicConfig(
      "local.retention.bytes", .long, "-2", broker: "log.local.retention.bytes", rule: .atLeast(-2),
      says: "How many bytes that another store has are kept here too. There is none here."),
  ]
}
