internal import EventLoop
internal import KafkaWire

/// A group as the coordinator's log keeps it: version 3 of Kafka's `GroupMetadataValue`; older ones are read.
struct GroupValue: VersionedRecord {
  static let version: Int16 = 3

  var protocolType = ""
  var generation: Int32 = 0
  var protocolName: String?
  var leaderID: String?
  var changedMilliseconds: Int64 = -1
  var members: [Member] = []

  init() {}

  mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&protocolType)
    try coder.field(&generation)
    try coder.field(&protocolName)
    try coder.field(&leaderID)
    try coder.field(&changedMilliseconds, since: 2)
    try coder.field(&members)
  }

  struct Member: WireStructure {
    var memberID = ""
    var instanceID: String?
    var clientID = ""
    var clientHost = ""
    var rebalanceTimeoutMilliseconds: Int32 = 0
    var sessionTimeoutMilliseconds: Int32 = 0
    /// What it told for the way to share out that the group chose.
    var subscription: ArraySlice<UInt8> = []
    var assignment: ArraySlice<UInt8> = []

    mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&memberID)
      try coder.field(&instanceID, since: 3)
      try coder.field(&clientID)
      try coder.field(&clientHost)
      try coder.field(&rebalanceTimeoutMilliseconds, since: 1)
      try coder.field(&sessionTimeoutMilliseconds)
      try coder.field(&subscription)
      try coder.field(&assignment)
    }
  }
}

extension GroupValue {
  /// What is to be kept of a group.
  init(_ group: Group) {
    protocolType = group.protocolType ?? ""
    generation = group.generation
    protocolName = group.protocolName
    leaderID = group.leaderID
    changedMilliseconds = group.changedMilliseconds ?? -1
    members = group.ordered.map { member in
      var kept = Member()
      kept.memberID = member.id
      kept.instanceID = member.instanceID
      kept.clientID = member.clientID
      kept.clientHost = member.clientHost
      kept.rebalanceTimeoutMilliseconds = member.rebalanceTimeoutMilliseconds
      kept.sessionTimeoutMilliseconds = member.sessionTimeoutMilliseconds
      kept.subscription = member.metadata(for: group.protocolName)[...]
      kept.assignment = member.assignment[...]
      return kept
    }
  }
}

extension Group {
  /// The group as it was kept, over a restart of the broker. Its members go on where they were: each has its whole session
  /// timeout, from now on, to be heard of.
  init(id: String, kept value: GroupValue, at now: LoopInstant) {
    self.init(id: id)
    protocolType = value.protocolType.isEmpty ? nil : value.protocolType
    generation = value.generation
    protocolName = value.protocolName
    leaderID = value.leaderID
    changedMilliseconds = value.changedMilliseconds < 0 ? nil : value.changedMilliseconds
    state = value.members.isEmpty ? .empty : .stable
    for kept in value.members {
      let known = GroupProtocol(name: value.protocolName ?? "", metadata: Array(kept.subscription))
      insert(
        GroupMember(
          id: kept.memberID, instanceID: kept.instanceID, clientID: kept.clientID, clientHost: kept.clientHost,
          sessionTimeoutMilliseconds: kept.sessionTimeoutMilliseconds,
          rebalanceTimeoutMilliseconds: kept.rebalanceTimeoutMilliseconds, protocols: [known],
          assignment: Array(kept.assignment), number: takeNumber(), isNew: false,
          deadline: now + .milliseconds(kept.sessionTimeoutMilliseconds)))
    }
  }

  /// When a timer event is wanted first.
  var firstDue: LoopInstant? { members.values.map(\.deadline).min() }
}
