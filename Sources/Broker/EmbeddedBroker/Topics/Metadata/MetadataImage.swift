package import KafkaWire

/// What the metadata log's records come to. Pure: a fold.
///
/// Folding a record again that is in the image already changes nothing that a later record has not changed back, so a log
/// may be read once more on top of a snapshot that was made of it.
package struct MetadataImage: Hashable, Sendable {
  /// The topics there are.
  package private(set) var topics: [WireUUID: MetadataTopic] = [:]
  /// The topics that are gone while their folders may still be there.
  package private(set) var deleted: Set<WireUUID> = []
  /// What was set for this broker.
  package private(set) var brokerConfigs: [String: String] = [:]
  /// What was set for every broker.
  package private(set) var everyBrokerConfigs: [String: String] = [:]
  /// The first producer id that no block holds.
  package private(set) var nextProducerID: Int64 = 0

  /// Nothing yet.
  package init() {}

  /// What the records come to.
  package init(_ records: some Sequence<MetadataRecord>) { records.forEach { fold($0) } }

  /// Takes one record in.
  package mutating func fold(_ record: MetadataRecord) {
    switch record {
    case .topic(let topic):
      topics[topic.id] = topic
      deleted.remove(topic.id)
    case .deleteTopic(let id):
      topics[id] = nil
      deleted.insert(id)
    case .configs(.topic(let id), let configs): topics[id]?.configs = configs
    case .configs(.broker, let configs): brokerConfigs = configs
    case .configs(.everyBroker, let configs): everyBrokerConfigs = configs
    case .producerIDBlock(let endID): nextProducerID = max(nextProducerID, endID)
    case .snapshotEnd: break
    }
  }

  /// The deleted topic's folders are gone, or marked as such.
  package mutating func forgetDeleted(_ id: WireUUID) { deleted.remove(id) }

  /// The topic of a name. There is at most one.
  package func topic(named name: String) -> MetadataTopic? { topics.values.first { $0.name == name } }

  /// The records that come to this image, the end of a snapshot last. Equal images have equal records.
  package var snapshot: [MetadataRecord] {
    var records: [MetadataRecord] = topics.values.sorted { $0.name < $1.name }.map(MetadataRecord.topic)
    records += deleted.sorted { ($0.high, $0.low) < ($1.high, $1.low) }.map(MetadataRecord.deleteTopic)
    if !brokerConfigs.isEmpty { records.append(.configs(.broker, brokerConfigs)) }
    if !everyBrokerConfigs.isEmpty { records.append(.configs(.everyBroker, everyBrokerConfigs)) }
    if nextProducerID > 0 { records.append(.producerIDBlock(endID: nextProducerID)) }
    records.append(.snapshotEnd(recordCount: UInt32(records.count)))
    return records
  }
}
