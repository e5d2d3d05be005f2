package import KafkaWire
internal import Synchronization

/// A topic that is served. Immutable: a change makes another.
package struct Topic: Sendable {
  /// The name.
  package let name: String
  /// The identifier: another one where a topic of the same name is made again.
  package let id: WireUUID
  /// The partitions by their numbers, all of which take records.
  package let partitions: [Partition]
  /// Whether the broker keeps its own records in it: clients read it and do not write.
  package let isInternal: Bool

  package init(name: String, id: WireUUID, partitions: [Partition], isInternal: Bool) {
    self.name = name
    self.id = id
    self.partitions = partitions
    self.isInternal = isInternal
  }

  /// One of its partitions; nil where it has no such number.
  package func partition(_ index: Int32) -> Partition? {
    partitions.indices.contains(Int(index)) ? partitions[Int(index)] : nil
  }
}

/// The topics that are served, for any loop to look at. Only the topic controller changes it; a topic is in it once each of its
/// partitions takes records, and a partition that is in it is never refused for being young.
package final class TopicTable: Sendable {
  /// All topics at one moment.
  package struct Snapshot: Sendable {
    fileprivate(set) var byName: [String: Topic] = [:]
    fileprivate(set) var byID: [WireUUID: Topic] = [:]

    /// The topic of that name.
    package func topic(_ name: String) -> Topic? { byName[name] }
    /// The topic with that identifier.
    package func topic(_ id: WireUUID) -> Topic? { byID[id] }
    /// Every topic, by name.
    package var topics: [Topic] { byName.values.sorted { $0.name < $1.name } }
    /// Partitions of all topics.
    package var partitionCount: Int { byName.values.reduce(0) { $0 + $1.partitions.count } }
  }

  private let current = Mutex(Snapshot())

  package init() {}

  /// The topics now.
  package var snapshot: Snapshot { current.withLock { $0 } }

  /// A partition; nil where there is none.
  package func partition(_ topic: String, _ index: Int32) -> Partition? {
    current.withLock { $0.byName[topic] }?.partition(index)
  }

  /// Serves the topic from now on, instead of the one of that name.
  package func put(_ topic: Topic) {
    current.withLock { snapshot in
      if let old = snapshot.byName[topic.name] { snapshot.byID[old.id] = nil }
      snapshot.byName[topic.name] = topic
      snapshot.byID[topic.id] = topic
    }
  }

  /// Serves the topic no more.
  package func remove(_ id: WireUUID) {
    current.withLock { snapshot in
      guard let topic = snapshot.byID.removeValue(forKey: id) else { return }
      snapshot.byName[topic.name] = nil
    }
  }
}
