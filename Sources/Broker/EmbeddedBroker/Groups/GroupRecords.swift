internal import KafkaWire

/// What stands on `__consumer_offsets`, in Kafka's formats: a key that says of what, and a value, null where it is gone.
enum GroupRecord: Equatable {
  case offset(group: String, topic: String, partition: Int32, CommittedOffset?)
  case group(String, Group?)
  /// A kind of key that is not known here.
  case unknown

  private enum KeyVersion {
    static let offset: Int16 = 1
    static let group: Int16 = 2
  }

  private static let valueVersion: Int16 = 3

  var key: [UInt8] {
    var writer = RecordWriter()
    switch self {
    case .offset(let group, let topic, let partition, _):
      writer.add(KeyVersion.offset)
      writer.add(group)
      writer.add(topic)
      writer.add(partition)
    case .group(let id, _):
      writer.add(KeyVersion.group)
      writer.add(id)
    case .unknown: break
    }
    return writer.bytes
  }

  /// Nil is a tombstone.
  func value(nowMilliseconds now: Int64) -> [UInt8]? {
    var writer = RecordWriter()
    switch self {
    case .offset(_, _, _, let committed):
      guard let committed else { return nil }
      writer.add(Self.valueVersion)
      writer.add(committed.offset)
      writer.add(committed.leaderEpoch)
      writer.add(committed.metadata)
      writer.add(committed.timestamp)
    case .group(_, let group):
      guard let group else { return nil }
      writer.add(Self.valueVersion)
      writer.add(group.protocolType ?? "")
      writer.add(group.generation)
      writer.add(nullable: group.protocolName)
      writer.add(nullable: group.leaderID)
      writer.add(now)
      writer.add(Int32(group.members.count))
      for member in group.members {
        writer.add(member.id)
        writer.add(nullable: member.instanceID)
        writer.add(member.clientID)
        writer.add(member.clientHost)
        writer.add(member.rebalanceTimeoutMilliseconds)
        writer.add(member.sessionTimeoutMilliseconds)
        writer.add(bytes: member.metadata(of: group.protocolName ?? ""))
        writer.add(bytes: member.assignment)
      }
    case .unknown: return nil
    }
    return writer.bytes
  }

  init(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>?) throws(WireError) {
    var reader = WireDecoder(key, version: 0, flexible: false)
    var version: Int16 = 0
    try reader.integer(&version)
    switch version {
    case 0, KeyVersion.offset:
      var (group, topic, partition) = ("", "", Int32(0))
      try reader.string(&group)
      try reader.string(&topic)
      try reader.integer(&partition)
      self = .offset(group: group, topic: topic, partition: partition, try value.map(CommittedOffset.init(recorded:)))
    case KeyVersion.group:
      var group = ""
      try reader.string(&group)
      self = .group(group, try value.map { bytes throws(WireError) in try Self.group(group, bytes) })
    case _: self = .unknown
    }
  }

  private static func group(_ id: String, _ bytes: ArraySlice<UInt8>) throws(WireError) -> Group {
    var reader = WireDecoder(bytes, version: 0, flexible: false)
    var version: Int16 = 0
    try reader.integer(&version)
    guard version == valueVersion else {
      throw WireError(.unsupported, "the group \(id) is recorded in the version \(version)")
    }
    var group = Group(id)
    var (protocolType, timestamp, count) = ("", Int64(0), Int32(0))
    try reader.string(&protocolType)
    try reader.integer(&group.generation)
    try reader.nullableString(&group.protocolName)
    try reader.nullableString(&group.leaderID)
    try reader.integer(&timestamp)
    try reader.integer(&count)
    for _ in 0..<max(0, count) { group.members.append(try member(&reader, group.protocolName ?? "")) }
    group.protocolType = protocolType.isEmpty ? nil : protocolType
    group.state = group.members.isEmpty ? .empty : .stable
    return group
  }

  private static func member(_ reader: inout WireDecoder, _ protocolName: String) throws(WireError) -> GroupMember {
    var (id, clientID, clientHost) = ("", "", "")
    var instanceID: String?
    var (rebalance, session) = (Int32(0), Int32(0))
    var (metadata, assignment) = (ArraySlice<UInt8>(), ArraySlice<UInt8>())
    try reader.string(&id)
    try reader.nullableString(&instanceID)
    try reader.string(&clientID)
    try reader.string(&clientHost)
    try reader.integer(&rebalance)
    try reader.integer(&session)
    try reader.bytes(&metadata)
    try reader.bytes(&assignment)
    return GroupMember(
      id: id, instanceID: instanceID, clientID: clientID, clientHost: clientHost, sessionTimeoutMilliseconds: session,
      rebalanceTimeoutMilliseconds: rebalance,
      choices: [GroupMember.Choice(name: protocolName, metadata: Array(metadata))], assignment: Array(assignment),
      deadline: 0)
  }
}

/// An offset that a group has committed.
struct CommittedOffset: Equatable, Sendable {
  var offset: Int64
  var leaderEpoch: Int32 = -1
  var metadata = ""
  /// When, in milliseconds since 1970.
  var timestamp: Int64

  init(offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "", timestamp: Int64) {
    self.offset = offset
    self.leaderEpoch = leaderEpoch
    self.metadata = metadata
    self.timestamp = timestamp
  }

  init(recorded bytes: ArraySlice<UInt8>) throws(WireError) {
    self.init(offset: 0, timestamp: 0)
    var reader = WireDecoder(bytes, version: 0, flexible: false)
    var version: Int16 = 0
    try reader.integer(&version)
    try reader.integer(&offset)
    if version >= 3 { try reader.integer(&leaderEpoch) }
    try reader.string(&metadata)
    try reader.integer(&timestamp)
  }
}

/// Writes numbers and texts in the protocol's old form.
private struct RecordWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add<Number: FixedWidthInteger>(_ number: Number) {
    for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }

  mutating func add(_ text: String) {
    add(Int16(truncatingIfNeeded: text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(nullable text: String?) {
    if let text { add(text) } else { add(Int16(-1)) }
  }

  mutating func add(bytes content: [UInt8]) {
    add(Int32(content.count))
    bytes.append(contentsOf: content)
  }
}
