internal import CRdKafka

/// Reads the answer to "what has the group committed".
enum CommittedOffsetsAnswer {
  /// The partitions of the one group that was asked about, without a commit at a negative offset.
  ///
  /// - Throws: ``EventLogError`` where the coordinator could not say for the group or for one of the partitions.
  static func elements(_ event: OpaquePointer) throws(EventLogError) -> [PartitionListElement] {
    let number = unsafe rd_kafka_event_error(event)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR else { throw EventLogError(number) }
    var count = 0
    let groups = unsafe rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
    guard count == 1, let group = unsafe groups?[0] else {
      throw EventLogError(.other, "the coordinator did not answer for the group")
    }
    if let error = unsafe rd_kafka_group_result_error(group) {
      throw EventLogError(unsafe rd_kafka_error_code(error), unsafe String(cString: rd_kafka_error_string(error)))
    }
    guard let list = unsafe rd_kafka_group_result_partitions(group) else { return [] }
    let elements = unsafe PartitionList.elements(of: list)
    if let refused = elements.first(where: { $0.error != RD_KAFKA_RESP_ERR_NO_ERROR }) {
      throw EventLogError(refused.error)
    }
    return elements
  }
}
