internal import CRdKafka
internal import LogRecords

/// The queues of the partitions that a consumer or reader has: each partition's records wait in a queue of its own.
///
/// Pausing is not asking a queue: nothing fetched is thrown away, the library stops fetching when the queue is full
/// (`queued.max.messages.kbytes`), and the records after a resume are there at once.
/// `@safe`: queues are taken in `open` and given back in `close`; both are called while the client is open.
@safe struct PartitionFeeds: ~Copyable {
  /// One partition: whether its records are wanted now, and the offset after the last one handed over.
  /// `@safe`: the queue is given back when the feed is taken out.
  @safe struct Feed {
    let queue: OpaquePointer
    var isFlowing: Bool
    var nextOffset: Int64
  }

  /// What came out of a partition's queue in one turn.
  enum Output {
    case records([ConsumedRecord])
    case reachedEnd(offset: Int64)
    case failed(EventLogError)
  }

  private var feeds: [TopicPartition: Feed] = [:]
  private(set) var partitions: [TopicPartition] = []

  /// Takes the queue of a partition away from the common one; before the partition is assigned.
  mutating func open(_ partition: TopicPartition, of client: ClientHandle, isFlowing: Bool) {
    precondition(!contains(partition))
    guard let queue = unsafe rd_kafka_queue_get_partition(client.raw, partition.topic, partition.partition) else {
      preconditionFailure("a consumer has a queue for every valid partition number")
    }
    unsafe rd_kafka_queue_forward(queue, nil)
    unsafe client.enableWake(queue)
    feeds[partition] = unsafe Feed(queue: queue, isFlowing: isFlowing, nextOffset: -1)
    partitions.append(partition)
  }

  mutating func close(_ partition: TopicPartition) {
    guard let feed = feeds.removeValue(forKey: partition) else { return }
    unsafe rd_kafka_queue_io_event_enable(feed.queue, -1, nil, 0)
    unsafe rd_kafka_queue_destroy(feed.queue)
    partitions.removeAll { $0 == partition }
  }

  mutating func closeAll() {
    for partition in partitions { close(partition) }
  }

  func contains(_ partition: TopicPartition) -> Bool { feeds[partition] != nil }

  /// The offset after the last record handed over, or nil where there was none yet.
  func nextOffset(_ partition: TopicPartition) -> Int64? {
    guard let offset = feeds[partition]?.nextOffset, offset >= 0 else { return nil }
    return offset
  }

  mutating func setFlowing(_ partition: TopicPartition, _ isFlowing: Bool) {
    feeds[partition]?.isFlowing = isFlowing
  }

  /// Takes what waits for one partition, at most one batch; nil where nothing waits or it is paused.
  mutating func next(_ partition: TopicPartition) -> [Output]? {
    guard let feed = feeds[partition], feed.isFlowing else { return nil }
    var records: [ConsumedRecord] = []
    var output: [Output] = []
    var byteCount = 0
    while records.count < EventLogLimits.recordsPerBatch, byteCount < EventLogLimits.bytesPerBatch, output.isEmpty,
      let event = unsafe rd_kafka_queue_poll(feed.queue, 0)
    {
      defer { unsafe rd_kafka_event_destroy(event) }
      guard unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH else {
        unsafe PartitionFeeds.failure(event).map { output.append($0) }
        continue
      }
      while let message = unsafe rd_kafka_event_message_next(event) {
        let record = unsafe MessageDecoding.record(message, in: partition)
        byteCount += (record.key?.count ?? 0) + (record.value?.count ?? 0)
        records.append(record)
      }
    }
    if let last = records.last {
      feeds[partition]?.nextOffset = last.position.offset + 1
      output.insert(.records(records), at: 0)
    }
    return output.isEmpty ? nil : output
  }

  private static func failure(_ event: OpaquePointer) -> Output? {
    guard unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR else { return nil }
    let number = unsafe rd_kafka_event_error(event)
    guard number == RD_KAFKA_RESP_ERR__PARTITION_EOF else {
      let text = unsafe rd_kafka_event_error_string(event)
      return .failed(EventLogError(number, unsafe text.map { unsafe String(cString: $0) }))
    }
    guard let place = unsafe rd_kafka_event_topic_partition(event) else { return nil }
    defer { unsafe rd_kafka_topic_partition_destroy(place) }
    return .reachedEnd(offset: unsafe place.pointee.offset)
  }
}
