/// Asks which broker coordinates groups or transactions.
package struct FindCoordinatorRequest: WireRequest {
  package typealias Response = FindCoordinatorResponse
  package static let key = APIKey.findCoordinator

  /// The group, or the transactional id.
  package var coordinatorKey: String = ""
  /// 0 asks for groups, 1 for transactions.
  package var keyType: Int8 = 0
  /// The groups, or the transactional ids.
  package var coordinatorKeys: [String] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&coordinatorKey, until: 3)
    try coder.field(&keyType, since: 1)
    try coder.field(&coordinatorKeys, since: 4)
    try coder.tags()
  }
}
