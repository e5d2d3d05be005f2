/// Which brokers there are.
package struct DescribeClusterResponse: WireMessage {
  package static let key = APIKey.describeCluster

  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// What went wrong, in words.
  package var errorMessage: String?
  /// 1 are brokers, 2 are controllers.
  package var endpointType: Int8 = 1
  /// The cluster's name.
  package var clusterID: String = ""
  /// The broker to ask for changes of topics.
  package var controllerID: Int32 = -1
  /// The brokers.
  package var brokers: [Broker] = []
  /// What the client may do with the cluster, as bits; the least number where it did not ask.
  package var clusterAuthorizedOperations: Int32 = .min

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&throttleTimeMilliseconds)
    try coder.field(&errorCode)
    try coder.field(&errorMessage)
    try coder.field(&endpointType, since: 1)
    try coder.field(&clusterID)
    try coder.field(&controllerID)
    try coder.field(&brokers)
    try coder.field(&clusterAuthorizedOperations)
    try coder.tags()
  }

  /// One broker.
  package struct Broker: WireStructure {
    /// Its number.
    package var brokerID: Int32 = 0
    /// Where it is reached.
    package var host: String = ""
    /// Where it is reached.
    package var port: Int32 = 0
    /// Where it stands.
    package var rack: String?

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&brokerID)
      try coder.field(&host)
      try coder.field(&port)
      try coder.field(&rack)
      try coder.tags()
    }
  }
}
