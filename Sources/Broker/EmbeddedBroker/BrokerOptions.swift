package import PartitionLog
package import Streams

/// How a broker is run.
package struct BrokerOptions: Sendable {
  /// The data folder.
  package var directory: String
  /// Where clients connect.
  package var listen: StreamAddress
  /// The host that clients are told; nil is the one of `listen`.
  package var advertisedHost: String?
  /// When appended records are made durable, where a topic says nothing.
  package var durability: FlushPolicy = .group
  /// Loops that serve connections.
  package var loopCount = 2
  /// The number that this broker has among brokers, of which it is the only one.
  package static let nodeID: Int32 = 1

  /// Options of a broker.
  package init(directory: String, listen: StreamAddress) {
    self.directory = directory
    self.listen = listen
  }
}
