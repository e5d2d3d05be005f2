internal import KafkaWire

/// What the coordinator's log says, read from its start.
struct LoadedGroups: Sendable {
  struct Kept: Sendable {
    let value: GroupValue
    let bytes: [UInt8]
  }

  private(set) var groups: [String: Kept] = [:]
  private(set) var offsets = OffsetStore()
  /// Bytes of keys and values that were read.
  private(set) var byteCount = 0

  /// Reads the log. Blocks.
  ///
  /// - Throws: ``BrokerError`` with `damaged` where a record is not what is written there; what reading throws.
  init(_ log: any StateLog) throws {
    try log.replay { record in
      do throws(WireError) { try take(record) } catch {
        throw BrokerError(
          .damaged, "__consumer_offsets has at the offset \(record.offset) what cannot be read: \(error.message)")
      }
    }
  }

  init() {}

  /// Takes the next record in.
  mutating func take(_ record: Record) throws(WireError) {
    guard let key = record.key else { throw WireError(.unexpectedNull, "a record has no key") }
    byteCount += key.count + (record.value?.count ?? 0)
    switch try GroupRecordKey(key) {
    case .offset(let group, let partition):
      let value = try record.value.map { bytes throws(WireError) in
        try OffsetValue.decoded(bytes, newest: OffsetValue.version).committed
      }
      offsets.replayed(OffsetStore.Change(partition: partition, offset: value), of: group)
    case .group(let id):
      groups[id] = try record.value.map { bytes throws(WireError) in
        Kept(value: try GroupValue.decoded(bytes, newest: GroupValue.version), bytes: Array(bytes))
      }
    }
  }
}
