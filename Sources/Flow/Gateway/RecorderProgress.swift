internal import EventLog
internal import EventLoop
internal import LogContracts
internal import LogRecords
internal import Postgres

/// How far the recorder has come, so that a reader sees what was acknowledged before it asked.
struct RecorderProgress: Sendable {
  private let services: GatewayServices
  init(_ services: GatewayServices) { self.services = services }

  /// Waits until the recorder has passed the ends that the topics have now, or `limit` has passed; answers whether it has.
  ///
  /// - Throws: `logUnavailable`, `databaseUnavailable`.
  func catchUp(_ topics: [TopicDeclaration], within limit: Duration) async throws(GatewayError) -> Bool {
    let deadline = LoopInstant.current() + limit
    let partitions = topics.flatMap { topic in (0..<topic.partitions).map { TopicPartition(topic.name, $0) } }
    let ends: [TopicPartition: PartitionEnds]
    do { ends = try await services.admin.ends(partitions) } catch {
      throw GatewayError(.logUnavailable, "The log does not say how far it goes; try again.")
    }
    while true {
      if Self.hasPassed(ends, try await consumed()) { return true }
      guard LoopInstant.current() + GatewayLimits.recorderPoll < deadline else { return false }
      do { try await services.loop.sleep(for: GatewayLimits.recorderPoll) } catch { return false }
    }
  }

  /// Whether every end is consumed. A partition without records, be it that there were none or that all have expired, has
  /// nothing to consume.
  static func hasPassed(_ ends: [TopicPartition: PartitionEnds], _ consumed: [TopicPartition: Int64]) -> Bool {
    ends.allSatisfy { $0.value.end <= $0.value.beginning || consumed[$0.key] ?? 0 >= $0.value.end }
  }

  private func consumed() async throws(GatewayError) -> [TopicPartition: Int64] {
    try await services.database { pool in
      var consumed: [TopicPartition: Int64] = [:]
      for row in try await pool.query("SELECT topic, partition, next_offset FROM millrace.consumed_offsets") {
        let partition = TopicPartition(try row.value("topic"), try row.value("partition"))
        consumed[partition] = try row.value("next_offset")
      }
      return consumed
    }
  }
}
