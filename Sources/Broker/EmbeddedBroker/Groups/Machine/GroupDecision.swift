internal import EventLoop
internal import KafkaWire

/// What is to be done for a group.
enum GroupDecision: Sendable, Equatable {
  /// The request is answered. Each ticket is answered once.
  case answer(GroupTicket, GroupAnswer)
  /// The group as it is now is to be appended to the log; ``GroupEvent/persisted(_:_:)`` comes back.
  case persist(GroupPersistence)
  /// ``GroupEvent/timer`` is wanted then, and not for what was said before.
  case schedule(LoopInstant)
}

/// An answer to a request.
enum GroupAnswer: Sendable, Equatable {
  case join(GroupJoinAnswer)
  case sync(GroupSyncAnswer)
  /// Of a heartbeat or a commit.
  case verdict(ErrorCode)
  /// Of those that were to leave, in their order.
  case leave([ErrorCode])
}

/// What a member that joins is told.
struct GroupJoinAnswer: Sendable, Equatable {
  var code = ErrorCode.none
  var memberID: String
  var generation: Int32 = -1
  var protocolType: String?
  var protocolName: String? = ""
  var leaderID = ""
  /// Everybody, for the leader; nobody for the others.
  var members: [Member] = []

  struct Member: Sendable, Equatable {
    var memberID: String
    var instanceID: String?
    var metadata: [UInt8]
  }
}

/// What a member is given.
struct GroupSyncAnswer: Sendable, Equatable {
  var code = ErrorCode.none
  var protocolType: String?
  var protocolName: String?
  var assignment: [UInt8] = []
}

/// Why a group is persisted, and of which generation.
enum GroupPersistence: Sendable, Equatable {
  /// The leader has shared out: members are answered once it is durable.
  case assignment(generation: Int32)
  /// A static member has come back under a new name: it is answered once that is durable, and told the leader's name as it
  /// was before. So one that led does not share out again for a group that has not changed.
  case replacement(memberID: String, generation: Int32, leaderID: String)
  /// Nobody is left.
  case emptiness(generation: Int32)
}
