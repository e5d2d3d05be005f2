/// Removes groups and their offsets.
package struct DeleteGroupsRequest: WireRequest {
  package typealias Response = DeleteGroupsResponse
  package static let key = APIKey.deleteGroups

  /// The groups.
  package var groupNames: [String] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&groupNames)
    try coder.tags()
  }
}
