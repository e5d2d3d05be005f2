internal import CRdKafka
internal import LogRecords

extension CommittedOffset {
  /// Asks the coordinator of the client's group. Blocks, within `EventLogLimits.committedOffsetsTimeoutMilliseconds`: not on a
  /// loop. Partitions without a commit are left out.
  ///
  /// - Throws: ``EventLogError`` where the coordinator could not say for the group or for one of the partitions.
  static func ask(
    _ client: ClientHandle, _ partitions: [TopicPartition]
  ) throws(EventLogError) -> [TopicPartition: CommittedOffset] {
    let list = PartitionList(partitions)
    let number = unsafe rd_kafka_committed(client.raw, list.raw, EventLogLimits.committedOffsetsTimeoutMilliseconds)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR else { throw EventLogError(number) }
    var committed: [TopicPartition: CommittedOffset] = [:]
    for element in list.elements {
      guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw EventLogError(element.error) }
      guard element.offset >= 0 else { continue }
      committed[element.partition] = CommittedOffset(offset: element.offset, metadata: element.metadata ?? "")
    }
    return committed
  }
}
