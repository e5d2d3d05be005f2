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
}
