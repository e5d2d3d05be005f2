internal import CRdKafka
internal import LogRecords

/// Offsets by time, for which the library only offers a blocking call.
enum OffsetQuery {
  /// Stands for the end in place of a time.
  static let end: Int64 = -1
  /// Stands for the oldest record in place of a time.
  static let beginning: Int64 = -2
  static let timeoutMilliseconds: Int32 = 10_000

  /// The first offset at or after the time, by partition; -1 where there is none. Blocks.
  static func ask(
    _ client: ClientHandle, _ times: [TopicPartition: Int64]
  ) throws(EventLogError) -> [TopicPartition: Int64] {
    if times.isEmpty { return [:] }
    let list = PartitionList()
    for (partition, time) in times { list.add(partition, offset: time) }
    let number = unsafe rd_kafka_offsets_for_times(client.raw, list.raw, timeoutMilliseconds)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR else { throw EventLogError(number) }
    var offsets: [TopicPartition: Int64] = [:]
    for element in list.elements {
      guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw EventLogError(element.error, "\(element.partition): offset not known")
      }
      offsets[element.partition] = element.offset
    }
    return offsets
  }
}
