/// Asks what a member is given, and brings from the leader what each is given.
package struct SyncGroupRequest: WireRequest {
  package typealias Response = SyncGroupResponse
  package static let key = APIKey.syncGroup

  /// The group.
  package var groupID: String = ""
  /// The generation of the group that the member knows.
  package var generationID: Int32 = 0
  /// The member, by the name that the coordinator gave it.
  package var memberID: String = ""
  /// The name that a static member keeps over restarts.
  package var groupInstanceID: String?
  /// What kind of group it is.
  package var protocolType: String?
  /// The way to share out.
  package var protocolName: String?
  /// What each member is given, from the leader.
  package var assignments: [Assignment] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID)
    try coder.field(&generationID)
    try coder.field(&memberID)
    try coder.field(&groupInstanceID, since: 3)
    try coder.field(&protocolType, since: 5)
    try coder.field(&protocolName, since: 5)
    try coder.field(&assignments)
    try coder.tags()
  }

  /// What one member is given.
  package struct Assignment: WireStructure {
    /// The member, by the name that the coordinator gave it.
    package var memberID: String = ""
    /// What it is given, in the words of the way to share out.
    package var assignment: ArraySlice<UInt8> = []

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&memberID)
      try coder.field(&assignment)
      try coder.tags()
    }
  }
}
