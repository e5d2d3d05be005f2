/// Whether the members are out.
package struct LeaveGroupResponse: WireMessage {
  package static let key = APIKey.leaveGroup

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The members.
  package var members: [MemberResponse] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.field(&errorCode)
    try coder.field(&members, since: 3)
    try coder.tags()
  }

  /// The answer for one member.
  package struct MemberResponse: WireStructure {
    /// The member, by the name that the coordinator gave it.
    package var memberID: String = ""
    /// The name that a static member keeps over restarts.
    package var groupInstanceID: String?
    /// What went wrong.
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&memberID)
      try coder.field(&groupInstanceID)
      try coder.field(&errorCode)
      try coder.tags()
    }
  }
}
