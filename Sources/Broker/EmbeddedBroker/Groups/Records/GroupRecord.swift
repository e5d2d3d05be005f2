internal import KafkaWire
internal import PartitionLog

/// A record of the coordinator's log.
struct GroupRecord: Sendable {
  let key: GroupRecordKey
  /// Nil takes out what the key is about.
  let value: [UInt8]?

  /// The key's bytes.
  ///
  /// - Throws: where a name is too long for the record: nothing of it can be kept.
  var keyBytes: [UInt8] {
    get throws(PartitionLogError) {
      do throws(WireError) { return try key.bytes } catch { throw PartitionLogError(.messageTooLarge, error.message) }
    }
  }
}
