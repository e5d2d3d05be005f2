/// One partition of a topic.
package struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
  /// The topic's name.
  package let topic: String
  /// The partition's number, from 0.
  package let partition: Int32

  /// A partition by name and number.
  package init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  package var description: String { "\(topic)[\(partition)]" }
}

/// Where a record stands on the log.
package struct RecordPosition: Hashable, Sendable, CustomStringConvertible {
  /// The topic and partition.
  package let partition: TopicPartition
  /// The record's offset in its partition, from 0.
  package let offset: Int64

  /// A position by partition and offset.
  package init(_ partition: TopicPartition, offset: Int64) {
    self.partition = partition
    self.offset = offset
  }

  package var description: String { "\(partition)@\(offset)" }
}

/// A record to append.
package struct OutgoingRecord: Sendable, Hashable {
  /// The topic's name.
  package var topic: String
  /// The partition, or nil to let the key choose (murmur2, as Kafka's Java client; no key: any).
  package var partition: Int32?
  /// The key's bytes; nil is "no key", which is not the empty key.
  package var key: [UInt8]?
  /// The value's bytes; nil is a tombstone, which is not the empty value.
  package var value: [UInt8]?
  /// The headers, in order.
  package var headers: RecordHeaders

  /// A record; nothing is on the log yet.
  package init(topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders) {
    self.topic = topic
    self.partition = partition
    self.key = key
    self.value = value
    self.headers = headers
  }
}

/// A record read from the log.
package struct ConsumedRecord: Sendable, Hashable {
  /// Where it stands.
  package let position: RecordPosition
  /// Milliseconds since 1970 UTC, as the producer or the broker stamped it.
  package let timestampMilliseconds: Int64
  /// The key's bytes; nil is "no key".
  package let key: [UInt8]?
  /// The value's bytes; nil is a tombstone.
  package let value: [UInt8]?
  /// The headers, in order.
  package let headers: RecordHeaders

  /// A record as read.
  package init(
    position: RecordPosition, timestampMilliseconds: Int64, key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders
  ) {
    self.position = position
    self.timestampMilliseconds = timestampMilliseconds
    self.key = key
    self.value = value
    self.headers = headers
  }
}
