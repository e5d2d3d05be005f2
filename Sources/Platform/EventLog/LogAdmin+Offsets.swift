internal import CRdKafka
package import LogRecords

/// The ends of one partition.
package struct PartitionEnds: Sendable, Equatable {
  /// The offset of the oldest record there is.
  package let beginning: Int64
  /// The offset that the next record will get.
  package let end: Int64

  /// Both ends.
  package init(beginning: Int64, end: Int64) {
    self.beginning = beginning
    self.end = end
  }
}

/// What a group has committed for one partition.
package struct CommittedOffset: Sendable, Equatable {
  /// The offset of the next record to read.
  package let offset: Int64
  /// The text kept beside it, empty where there is none.
  package let metadata: String

  /// An offset and its text.
  package init(offset: Int64, metadata: String) {
    self.offset = offset
    self.metadata = metadata
  }
}

extension LogAdmin {
  /// The offset that the next record of each partition will get.
  ///
  /// - Throws: ``EventLogError`` with `unknownTopic`, `timedOut` or `unreachable`.
  package func endOffsets(_ partitions: [TopicPartition]) async throws -> [TopicPartition: Int64] {
    try await offsets(partitions, OffsetQuery.end)
  }

  /// Both ends of each partition.
  package func ends(_ partitions: [TopicPartition]) async throws -> [TopicPartition: PartitionEnds] {
    let beginnings = try await offsets(partitions, OffsetQuery.beginning)
    let ends = try await offsets(partitions, OffsetQuery.end)
    return beginnings.reduce(into: [:]) { found, item in
      found[item.key] = PartitionEnds(beginning: item.value, end: ends[item.key] ?? item.value)
    }
  }

  /// The first offset stamped at or after a time in milliseconds since 1970 UTC; the end where there is none.
  package func offsets(
    _ partitions: [TopicPartition], atMilliseconds time: Int64
  ) async throws -> [TopicPartition: Int64] {
    precondition(time >= 0)
    var found = try await offsets(partitions, time)
    let missing = found.filter { $0.value < 0 }.map(\.key)
    if !missing.isEmpty { found.merge(try await endOffsets(missing)) { $1 } }
    return found
  }

  private func offsets(_ partitions: [TopicPartition], _ time: Int64) async throws -> [TopicPartition: Int64] {
    let client = client
    let times = Dictionary(partitions.map { ($0, time) }) { first, _ in first }
    return try await block { try OffsetQuery.ask(client, times) }
  }

  /// What a group has committed for the partitions; those without a commit are left out.
  package func committedOffsets(
    ofGroup group: String, _ partitions: [TopicPartition]
  ) async throws -> [TopicPartition: CommittedOffset] {
    var request: OpaquePointer?
    do {
      let list = PartitionList(partitions)
      unsafe request = rd_kafka_ListConsumerGroupOffsets_new(group, list.raw)
    }
    defer { unsafe rd_kafka_ListConsumerGroupOffsets_destroy(request) }
    return try await unsafe ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS) { options in
      unsafe rd_kafka_ListConsumerGroupOffsets(client.raw, &request, 1, options, client.queue)
    } _: { event in
      var found: [TopicPartition: CommittedOffset] = [:]
      for element in try unsafe CommittedOffsetsAnswer.elements(event) where element.offset >= 0 {
        found[element.partition] = CommittedOffset(offset: element.offset, metadata: element.metadata ?? "")
      }
      return found
    }
  }
}
