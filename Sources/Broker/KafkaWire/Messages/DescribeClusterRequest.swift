/// Asks which brokers there are.
package struct DescribeClusterRequest: WireRequest {
  package typealias Response = DescribeClusterResponse
  package static let key = APIKey.describeCluster

  /// Whether to say what the client may do with the cluster.
  package var includeClusterAuthorizedOperations: Bool = false
  /// 1 asks for brokers, 2 for controllers.
  package var endpointType: Int8 = 1

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&includeClusterAuthorizedOperations)
    try coder.field(&endpointType, since: 1)
    try coder.tags()
  }
}
