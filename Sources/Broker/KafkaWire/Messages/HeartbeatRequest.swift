/// Says that a member lives.
package struct HeartbeatRequest: WireRequest {
  package typealias Response = HeartbeatResponse
  package static let key = APIKey.heartbeat

  /// The group.
  package var groupID: String = ""
  /// The generation of the group that the member knows.
  package var generationID: Int32 = 0
  /// The member, by the name that the coordinator gave it.
  package var memberID: String = ""
  /// The name that a static member keeps over restarts.
  package var groupInstanceID: String?

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupID)
    try coder.field(&generationID)
    try coder.field(&memberID)
    try coder.field(&groupInstanceID, since: 3)
    try coder.tags()
  }
}
