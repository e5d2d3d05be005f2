/// Asks which groups there are.
package struct ListGroupsRequest: WireRequest {
  package typealias Response = ListGroupsResponse
  package static let key = APIKey.listGroups

  /// The states that are wanted, by Kafka's names; none is all.
  package var statesFilter: [String] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&statesFilter, since: 4)
    try coder.tags()
  }
}
