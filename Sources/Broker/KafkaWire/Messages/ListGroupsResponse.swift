/// Which groups there are.
package struct ListGroupsResponse: WireMessage {
  package static let key = APIKey.listGroups

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The groups.
  package var groups: [ListedGroup] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.field(&errorCode)
    try coder.field(&groups)
    try coder.tags()
  }

  /// One group.
  package struct ListedGroup: WireStructure {
    /// The group.
    package var groupID: String = ""
    /// What kind of group it is.
    package var protocolType: String = ""
    /// Its state, by Kafka's name.
    package var groupState: String = ""

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&groupID)
      try coder.field(&protocolType)
      try coder.field(&groupState, since: 4)
      try coder.tags()
    }
  }
}
