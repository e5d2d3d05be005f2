/// Which groups are removed.
package struct DeleteGroupsResponse: WireMessage {
  package static let key = APIKey.deleteGroups

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// The groups.
  package var results: [DeletionResult] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&results)
    try coder.tags()
  }

  /// The answer for one group.
  package struct DeletionResult: WireStructure {
    /// The group.
    package var groupID: String = ""
    /// What went wrong.
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&groupID)
      try coder.field(&errorCode)
      try coder.tags()
    }
  }
}
