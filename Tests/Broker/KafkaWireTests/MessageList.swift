import KafkaWire

/// Every request of the table, with its response.
enum MessageList {
  static let requests: [any WireRequest.Type] = [
    ProduceRequest.self, FetchRequest.self, ListOffsetsRequest.self, MetadataRequest.self, FindCoordinatorRequest.self,
    ApiVersionsRequest.self, InitProducerIDRequest.self, OffsetCommitRequest.self, OffsetFetchRequest.self,
    JoinGroupRequest.self, HeartbeatRequest.self, LeaveGroupRequest.self, SyncGroupRequest.self,
    DescribeGroupsRequest.self, ListGroupsRequest.self, DeleteGroupsRequest.self, OffsetDeleteRequest.self,
    SASLHandshakeRequest.self, CreateTopicsRequest.self, DeleteTopicsRequest.self, DeleteRecordsRequest.self,
    OffsetForLeaderEpochRequest.self, AddPartitionsToTransactionRequest.self, AddOffsetsToTransactionRequest.self,
    EndTransactionRequest.self, TransactionOffsetCommitRequest.self, DescribeConfigsRequest.self,
    AlterConfigsRequest.self, DescribeLogDirsRequest.self, SASLAuthenticateRequest.self, CreatePartitionsRequest.self,
    IncrementalAlterConfigsRequest.self, DescribeClusterRequest.self, DescribeProducersRequest.self,
    DescribeTransactionsRequest.self, ListTransactionsRequest.self,
  ]

  /// The request of that API.
  static func request(_ key: APIKey) -> any WireRequest.Type {
    guard let request = requests.first(where: { $0.key == key }) else { preconditionFailure("\(key) is not listed") }
    return request
  }
}

extension WireMessage {
  /// The message decoded and encoded again.
  static func roundTrip(_ bytes: ArraySlice<UInt8>, version: Int16) throws -> [UInt8] {
    var output: [UInt8] = []
    try decode(bytes, version: version).encode(into: &output, version: version)
    return output
  }
}

extension WireRequest {
  /// A whole request, header and body, decoded and encoded again.
  static func roundTrip(requestFrame frame: [UInt8]) throws -> [UInt8] {
    let (header, body) = try RequestHeader.decode(frame[...])
    var output: [UInt8] = []
    try header.encode(into: &output)
    return try output + roundTrip(body, version: header.version)
  }

  /// A whole response, header and body, decoded and encoded again.
  static func roundTrip(responseFrame frame: [UInt8], version: Int16) throws -> [UInt8] {
    let (header, body) = try ResponseHeader.decode(frame[...], key: key, version: version)
    var output: [UInt8] = []
    header.encode(into: &output, key: key, version: version)
    return try output + Response.roundTrip(body, version: version)
  }
}
