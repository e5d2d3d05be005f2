/// Asks for the state and the members of groups.
package struct DescribeGroupsRequest: WireRequest {
  package typealias Response = DescribeGroupsResponse
  package static let key = APIKey.describeGroups

  /// The groups.
  package var groups: [String] = []
  /// Whether to say what the client may do with each.
  package var includeAuthorizedOperations: Bool = false

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groups)
    try coder.field(&includeAuthorizedOperations, since: 3)
    try coder.tags()
  }
}
