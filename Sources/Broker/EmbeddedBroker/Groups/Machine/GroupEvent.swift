internal import EventLoop
internal import KafkaWire

/// Something that happens to a group.
enum GroupEvent: Sendable {
  case join(GroupJoin, GroupTicket)
  case sync(GroupSync, GroupTicket)
  case heartbeat(GroupClaim, GroupTicket)
  /// Members leave, or are taken out.
  case leave([GroupLeaver], GroupTicket)
  /// Offsets are to be committed: the answer is whether they may.
  case commit(GroupClaim, GroupTicket)
  /// The time has come that was asked for.
  case timer
  /// What was to be persisted is durable, or refused with the code.
  case persisted(GroupPersistence, ErrorCode)
  /// The group is deleted. It has no members then.
  case deleted
}

/// Names a request until it is answered.
struct GroupTicket: Hashable, Sendable {
  let number: UInt64
}

/// When something happens: on the clock that only goes forward, and on the wall's for what is written down.
struct GroupMoment: Sendable, Equatable {
  let instant: LoopInstant
  let wallMilliseconds: Int64
}

/// A member as it asks to be in a group.
struct GroupJoin: Sendable, Equatable {
  /// The name that the group gave it; empty for a new one.
  var memberID = ""
  /// The name that a static member keeps over restarts.
  var instanceID: String?
  /// The name that a new member is given: nobody else has it.
  var candidateID: String
  /// Whether a new member must come back with its name before it counts.
  var naming: GroupNaming
  var clientID = ""
  var clientHost = ""
  var sessionTimeoutMilliseconds: Int32
  var rebalanceTimeoutMilliseconds: Int32
  /// What kind of group it is.
  var protocolType: String
  /// The ways to share out that the member knows, best first.
  var protocols: [GroupProtocol]
}

/// What becomes of a new member that is not static.
enum GroupNaming: Sendable, Equatable {
  /// It joins at once.
  case joinsAtOnce
  /// It is told its name, and joins with it: a client that does not come back leaves no member behind.
  case namedFirst
}

/// A way to share out, and what a member tells the leader for it.
struct GroupProtocol: Sendable, Equatable {
  var name: String
  var metadata: [UInt8]
}

/// A member that wants to know its part, or the leader with everybody's.
struct GroupSync: Sendable, Equatable {
  var claim: GroupClaim
  /// What the member believes the group to be; nil where it does not say.
  var protocolType: String?
  var protocolName: String?
  /// From the leader: parts by members.
  var assignments: [String: [UInt8]] = [:]
}

/// Who somebody says to be.
struct GroupClaim: Sendable, Equatable {
  var memberID: String
  var instanceID: String?
  /// The generation; −1 is none.
  var generation: Int32
}

/// Who is to leave: a member, or a static one by its lasting name alone.
struct GroupLeaver: Sendable, Equatable {
  var memberID: String
  var instanceID: String?
}
