/// Which brokers coordinate.
package struct FindCoordinatorResponse: WireMessage {
  package static let key = APIKey.findCoordinator

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// What went wrong, in words.
  package var errorMessage: String?
  /// The broker's number.
  package var nodeID: Int32 = 0
  /// Where the broker is reached.
  package var host: String = ""
  /// Where the broker is reached.
  package var port: Int32 = 0
  /// The brokers, one for each key.
  package var coordinators: [Coordinator] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.field(&errorCode, until: 3)
    try coder.field(&errorMessage, since: 1, until: 3)
    try coder.field(&nodeID, until: 3)
    try coder.field(&host, until: 3)
    try coder.field(&port, until: 3)
    try coder.field(&coordinators, since: 4)
    try coder.tags()
  }

  /// The broker for one key.
  package struct Coordinator: WireStructure {
    /// The group, or the transactional id.
    package var key: String = ""
    /// The broker's number.
    package var nodeID: Int32 = 0
    /// Where the broker is reached.
    package var host: String = ""
    /// Where the broker is reached.
    package var port: Int32 = 0
    /// What went wrong.
    package var errorCode: ErrorCode = .none
    /// What went wrong, in words.
    package var errorMessage: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&key)
      try coder.field(&nodeID)
      try coder.field(&host)
      try coder.field(&port)
      try coder.field(&errorCode)
      try coder.field(&errorMessage)
      try coder.tags()
    }
  }
}
