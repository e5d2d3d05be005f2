/// The group that the member is now in.
package struct JoinGroupResponse: WireMessage {
  package static let key = APIKey.joinGroup

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The generation of the group.
  package var generationID: Int32 = -1
  /// What kind of group it is.
  package var protocolType: String?
  /// The way to share out that all members know.
  package var protocolName: String?
  /// The member that shares out.
  package var leader: String = ""
  /// The member, by the name that the coordinator gave it.
  package var memberID: String = ""
  /// Every member, for the leader; none for the others.
  package var members: [Member] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&errorCode)
    try coder.field(&generationID)
    try coder.field(&protocolType, since: 7)
    try coder.field(&protocolName, nullableSince: 7)
    try coder.field(&leader)
    try coder.field(&memberID)
    try coder.field(&members)
    try coder.tags()
  }

  /// One member.
  package struct Member: WireStructure {
    /// The member, by the name that the coordinator gave it.
    package var memberID: String = ""
    /// The name that a static member keeps over restarts.
    package var groupInstanceID: String?
    /// What the member tells the leader.
    package var metadata: ArraySlice<UInt8> = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&memberID)
      try coder.field(&groupInstanceID, since: 5)
      try coder.field(&metadata)
      try coder.tags()
    }
  }
}
