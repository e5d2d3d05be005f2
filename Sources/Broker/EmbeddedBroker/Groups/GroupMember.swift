/// One member of a group.
struct GroupMember: Equatable, Sendable {
  /// A way of sharing partitions out that it knows, and what it says of itself for it.
  struct Choice: Equatable, Sendable {
    let name: String
    let metadata: [UInt8]
  }

  let id: String
  /// The name that it keeps over restarts; nil where it has none.
  let instanceID: String?
  var clientID: String
  var clientHost: String
  var sessionTimeoutMilliseconds: Int32
  var rebalanceTimeoutMilliseconds: Int32
  /// In the order of its preference.
  var choices: [Choice]
  var assignment: [UInt8] = []
  /// When it is taken for dead, in milliseconds of the monotonic clock.
  var deadline: Int64
  /// Requests of it that wait for their answers.
  var joinToken: Int?
  var syncToken: Int?

  func metadata(of choice: String) -> [UInt8] { choices.first { $0.name == choice }?.metadata ?? [] }
}
