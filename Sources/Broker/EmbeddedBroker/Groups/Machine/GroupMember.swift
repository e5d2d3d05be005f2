internal import EventLoop

/// A member of a group.
struct GroupMember: Sendable, Equatable {
  /// The name that the group gave it.
  var id: String
  /// The name that it keeps over restarts; nil where it is not static.
  var instanceID: String?
  var clientID: String
  var clientHost: String
  var sessionTimeoutMilliseconds: Int32
  var rebalanceTimeoutMilliseconds: Int32
  /// The ways to share out that it knows, best first.
  var protocols: [GroupProtocol]
  /// What it was given.
  var assignment: [UInt8] = []
  /// In which order members came.
  var number: UInt64
  /// Whether it has never been in a generation: it cannot send heartbeats yet.
  var isNew: Bool
  /// When it is given up, unless it is heard of.
  var deadline: LoopInstant

  /// What it told for a way to share out.
  func metadata(for name: String?) -> [UInt8] { protocols.first { $0.name == name }?.metadata ?? [] }

  /// Bytes that it takes.
  var byteCount: Int { protocols.reduce(assignment.count) { $0 + $1.metadata.count + $1.name.utf8.count } }

  var sessionTimeout: Duration { .milliseconds(sessionTimeoutMilliseconds) }
}

extension GroupMember {
  /// A member that joins.
  init(id: String, joining join: GroupJoin, number: UInt64, deadline: LoopInstant) {
    self.init(
      id: id, instanceID: join.instanceID, clientID: join.clientID, clientHost: join.clientHost,
      sessionTimeoutMilliseconds: join.sessionTimeoutMilliseconds,
      rebalanceTimeoutMilliseconds: max(0, join.rebalanceTimeoutMilliseconds), protocols: join.protocols,
      number: number, isNew: true, deadline: deadline)
  }

  /// Takes what a member says of itself when it joins again.
  mutating func update(_ join: GroupJoin) {
    clientID = join.clientID
    clientHost = join.clientHost
    sessionTimeoutMilliseconds = join.sessionTimeoutMilliseconds
    rebalanceTimeoutMilliseconds = max(0, join.rebalanceTimeoutMilliseconds)
    protocols = join.protocols
  }
}
