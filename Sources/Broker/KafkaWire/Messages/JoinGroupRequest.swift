/// Asks to become a member of a group, or to remain one in its next generation.
package struct JoinGroupRequest: WireRequest {
  package typealias Response = JoinGroupResponse
  package static let key = APIKey.joinGroup

  /// The group.
  package var groupID: String = ""
  /// How long the member may be silent.
  package var sessionTimeoutMilliseconds: Int32 = 0
  /// How long the member may take to join again.
  package var rebalanceTimeoutMilliseconds: Int32 = -1
  /// The member, by the name that the coordinator gave it; empty for a new one.
  package var memberID: String = ""
  /// The name that a static member keeps over restarts.
  package var groupInstanceID: String?
  /// What kind of group it is: `consumer` for those that share partitions out.
  package var protocolType: String = ""
  /// The ways to share out that the member knows, best first.
  package var protocols: [GroupProtocol] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID)
    try coder.field(&sessionTimeoutMilliseconds)
    try coder.field(&rebalanceTimeoutMilliseconds)
    try coder.field(&memberID)
    try coder.field(&groupInstanceID, since: 5)
    try coder.field(&protocolType)
    try coder.field(&protocols)
    try coder.tags()
  }

  /// One way to share out.
  package struct GroupProtocol: WireStructure {
    /// Its name.
    package var name: String = ""
    /// What the member tells the leader for it.
    package var metadata: ArraySlice<UInt8> = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&name)
      try coder.field(&metadata)
      try coder.tags()
    }
  }
}
