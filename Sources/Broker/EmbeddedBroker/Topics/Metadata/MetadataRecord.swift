package import KafkaWire

/// One change of what the broker knows besides records: its topics, their configs, and which producer ids are taken.
package enum MetadataRecord: Hashable, Sendable {
  /// There is this topic, as it stands here; another record of the same id that came before counts no more.
  case topic(MetadataTopic)
  /// The topic is gone. Its folders may still be there.
  case deleteTopic(WireUUID)
  /// These configs hold for the resource, and no others.
  case configs(MetadataResource, [String: String])
  /// The producer ids below are taken.
  case producerIDBlock(endID: Int64)
  /// A snapshot ends, with so many records before.
  case snapshotEnd(recordCount: UInt32)
}

/// What configs belong to.
package enum MetadataResource: Hashable, Sendable {
  /// A topic.
  case topic(WireUUID)
  /// This broker.
  case broker
  /// Every broker of the cluster, which is this one too.
  case everyBroker
}

/// A topic as the metadata knows it.
package struct MetadataTopic: Hashable, Sendable {
  /// The identifier, which no other topic ever has, not even a later one of the same name.
  package var id: WireUUID
  /// The name, as `TopicRules` allows it.
  package var name: String
  /// How many partitions it has, at least 1.
  package var partitionCount: Int32
  /// What was set for it, in the form in which `TopicConfig` writes values.
  package var configs: [String: String]

  /// A topic from its parts.
  package init(id: WireUUID, name: String, partitionCount: Int32, configs: [String: String]) {
    self.id = id
    self.name = name
    self.partitionCount = partitionCount
    self.configs = configs
  }
}

extension MetadataRecord {
  /// The types on disk. A number is never used again for something else.
  enum Kind: UInt16 {
    case topic = 1
    case deleteTopic = 2
    case configs = 3
    case producerIDBlock = 4
    case snapshotEnd = 5
  }

  /// The version of the payloads that are written, and the only one there has been.
  static let version: UInt16 = 0

  var kind: Kind {
    switch self {
    case .topic: .topic
    case .deleteTopic: .deleteTopic
    case .configs: .configs
    case .producerIDBlock: .producerIDBlock
    case .snapshotEnd: .snapshotEnd
    }
  }

  /// The payload. Equal records have equal bytes.
  var payload: [UInt8] {
    var writer = MetadataWriter()
    switch self {
    case .topic(let topic):
      writer.append(topic.id)
      writer.append(topic.name)
      writer.append(topic.partitionCount)
      writer.append(topic.configs)
    case .deleteTopic(let id):
      writer.append(id)
    case .configs(let resource, let configs):
      switch resource {
      case .topic(let id):
        writer.append(UInt8(2))
        writer.append(id)
      case .broker: writer.append(UInt8(4))
      case .everyBroker: writer.append(UInt8(5))
      }
      writer.append(configs)
    case .producerIDBlock(let endID):
      writer.append(endID)
    case .snapshotEnd(let recordCount):
      writer.append(recordCount)
    }
    return writer.bytes
  }

  /// The record of a payload; nil where the payload is none of that kind.
  init?(_ kind: Kind, payload: ArraySlice<UInt8>) {
    var reader = MetadataReader(payload)
    guard let record = Self.read(kind, &reader), reader.isAtEnd else { return nil }
    self = record
  }

  private static func read(_ kind: Kind, _ reader: inout MetadataReader) -> MetadataRecord? {
    switch kind {
    case .topic:
      guard let id = reader.uuid(), let name = reader.string(), let partitionCount = reader.integer(Int32.self),
        partitionCount > 0, let configs = reader.configs()
      else { return nil }
      return .topic(MetadataTopic(id: id, name: name, partitionCount: partitionCount, configs: configs))
    case .deleteTopic:
      return reader.uuid().map(MetadataRecord.deleteTopic)
    case .configs:
      guard let resource = resource(&reader), let configs = reader.configs() else { return nil }
      return .configs(resource, configs)
    case .producerIDBlock:
      return reader.integer(Int64.self).map(MetadataRecord.producerIDBlock)
    case .snapshotEnd:
      return reader.integer(UInt32.self).map(MetadataRecord.snapshotEnd)
    }
  }

  private static func resource(_ reader: inout MetadataReader) -> MetadataResource? {
    switch reader.integer(UInt8.self) {
    case 2: reader.uuid().map(MetadataResource.topic)
    case 4: .broker
    case 5: .everyBroker
    case _: nil
    }
  }
}
