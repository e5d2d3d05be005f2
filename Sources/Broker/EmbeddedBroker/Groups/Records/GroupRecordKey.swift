internal import KafkaWire

/// What a record of the coordinator's log is about: its key, in Kafka's format.
enum GroupRecordKey: Equatable, Sendable {
  /// The offset that a group has committed of a partition.
  case offset(group: String, PartitionName)
  /// The group itself.
  case group(String)

  /// Version 1 of Kafka's `OffsetCommitKey`, version 2 of its `GroupMetadataKey`: one number tells the kinds apart.
  private static let offsetVersion: Int16 = 1
  private static let groupVersion: Int16 = 2

  var bytes: [UInt8] {
    get throws(WireError) {
      switch self {
      case .offset(let group, let partition):
        try OffsetKey(group: group, topic: partition.topic, partition: partition.index).encoded(Self.offsetVersion)
      case .group(let group): try GroupKey(group: group).encoded(Self.groupVersion)
      }
    }
  }

  /// - Throws: where the key is of another version, or ends early.
  init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
    let (version, rest) = try OffsetKey.split(bytes)
    switch version {
    case 0, Self.offsetVersion:
      let key = try OffsetKey.decoded(rest, version: version)
      self = .offset(group: key.group, PartitionName(key.topic, key.partition))
    case Self.groupVersion: self = .group(try GroupKey.decoded(rest, version: version).group)
    case _: throw WireError(.unsupported, "a key of the coordinator's log has the version \(version)")
    }
  }

  private struct OffsetKey: VersionedRecord {
    var group = ""
    var topic = ""
    var partition: Int32 = 0

    init() {}

    init(group: String, topic: String, partition: Int32) {
      self.group = group
      self.topic = topic
      self.partition = partition
    }

    mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&group)
      try coder.field(&topic)
      try coder.field(&partition)
    }
  }

  private struct GroupKey: VersionedRecord {
    var group = ""

    init() {}
    init(group: String) { self.group = group }

    mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) { try coder.field(&group) }
  }
}
