/// Takes members out of a group.
package struct LeaveGroupRequest: WireRequest {
  package typealias Response = LeaveGroupResponse
  package static let key = APIKey.leaveGroup

  /// The group.
  package var groupID: String = ""
  /// The member, by the name that the coordinator gave it.
  package var memberID: String = ""
  /// The members.
  package var members: [Member] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID)
    try coder.field(&memberID, until: 2)
    try coder.field(&members, since: 3)
    try coder.tags()
  }

  /// One member that leaves.
  package struct Member: WireStructure {
    /// The member, by the name that the coordinator gave it.
    package var memberID: String = ""
    /// The name that a static member keeps over restarts.
    package var groupInstanceID: String?
    /// Why it leaves.
    package var reason: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&memberID)
      try coder.field(&groupInstanceID)
      try coder.field(&reason, since: 5)
      try coder.tags()
    }
  }
}
