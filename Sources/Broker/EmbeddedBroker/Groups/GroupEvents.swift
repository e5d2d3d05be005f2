internal import KafkaWire

/// A member that wants in.
struct JoinWish: Equatable, Sendable {
  var memberID: String
  var instanceID: String?
  var clientID: String
  var clientHost: String
  var sessionTimeoutMilliseconds: Int32
  var rebalanceTimeoutMilliseconds: Int32
  var protocolType: String
  var choices: [GroupMember.Choice]
  /// The id that it gets where it has none.
  var freshID: String
  /// Whether it must come again with the id that it is given (version 4 on).
  var mustKnowID: MemberIDRule

  enum MemberIDRule: Equatable, Sendable { case atOnce, comesAgain }
}

/// What a member that joined is told.
struct JoinAnswer: Equatable, Sendable {
  var error: ErrorCode = .none
  var generation: Int32 = -1
  var protocolType: String?
  var protocolName: String?
  var leader = ""
  var memberID = ""
  /// Everybody, for the leader alone: id, instance, and what each says of itself.
  var members: [Member] = []

  struct Member: Equatable, Sendable {
    let id: String
    let instanceID: String?
    let metadata: [UInt8]
  }
}

/// What a member is told that asks for its share.
struct SyncAnswer: Equatable, Sendable {
  var error: ErrorCode = .none
  var protocolType: String?
  var protocolName: String?
  var assignment: [UInt8] = []
}

/// What is to be done after an event.
enum GroupDecision: Equatable, Sendable {
  /// Answer the request with the token.
  case joined(token: Int, JoinAnswer)
  case synced(token: Int, SyncAnswer)
  /// Keep the group as it is now; tell it by ``Group/kept(generation:error:at:)``.
  case keep(generation: Int32)
}
