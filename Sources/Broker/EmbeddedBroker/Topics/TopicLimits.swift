/// Bounds of topics and their administration.
package enum TopicLimits {
  /// Letters of a topic's name.
  package static let nameLength = 249
  /// Partitions of all topics together; a change that would exceed it is refused.
  package static let partitions = 4_000
  /// Changes that wait for their turn; one more is refused, retriably.
  static let waitingChanges = 1_000
  /// Producers that wait for the next block of ids; one more is refused, retriably.
  static let waitingProducers = 10_000
  /// Topics that are being made because clients asked for them; clients ask for others again.
  static let askedTopics = 500
  /// Threads that open partitions at a start: they wait for the disk, and together it is faster.
  static let openingThreads = 16
  /// Bytes of one record of the metadata log: the longest has a topic's name and all its configs.
  static let metadataFrameBytes = 1 << 20
  /// Bytes of the metadata log from which on it is folded into a snapshot.
  static let metadataLogBytes: Int64 = 1 << 20
  /// Producer ids taken at once, so that none is given out twice whatever happens.
  package static let producerIDsPerBlock: Int64 = 1_000
  /// Letters of a file's name that every file system takes.
  static let fileNameLength = 255
  /// How often old records are looked for.
  package static let retentionInterval = Duration.seconds(300)
  /// Bytes of a config's value.
  static let configValueBytes = 32_767
}
