/// The state and the members of groups.
package struct DescribeGroupsResponse: WireMessage {
  package static let key = APIKey.describeGroups

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The groups.
  package var groups: [DescribedGroup] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.field(&groups)
    try coder.tags()
  }

  /// One group.
  package struct DescribedGroup: WireStructure {
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// The group.
    package var groupID: String = ""
    /// Its state, by Kafka's name.
    package var groupState: String = ""
    /// What kind of group it is.
    package var protocolType: String = ""
    /// The way to share out that its members agreed on.
    package var protocolData: String = ""
    /// Its members.
    package var members: [Member] = []
    /// What the client may do with it, as bits; the least number where it did not ask.
    package var authorizedOperations: Int32 = .min

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&errorCode)
      try coder.field(&groupID)
      try coder.field(&groupState)
      try coder.field(&protocolType)
      try coder.field(&protocolData)
      try coder.field(&members)
      try coder.field(&authorizedOperations, since: 3)
      try coder.tags()
    }
  }

  /// One member.
  package struct Member: WireStructure {
    /// The member, by the name that the coordinator gave it.
    package var memberID: String = ""
    /// The name that a static member keeps over restarts.
    package var groupInstanceID: String?
    /// What the client calls itself.
    package var clientID: String = ""
    /// Where it calls from.
    package var clientHost: String = ""
    /// What it told the leader.
    package var memberMetadata: ArraySlice<UInt8> = []
    /// What it is given.
    package var memberAssignment: ArraySlice<UInt8> = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&memberID)
      try coder.field(&groupInstanceID, since: 4)
      try coder.field(&clientID)
      try coder.field(&clientHost)
      try coder.field(&memberMetadata)
      try coder.field(&memberAssignment)
      try coder.tags()
    }
  }
}
