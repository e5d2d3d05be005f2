internal import CRdKafka
internal import EventLoop
internal import LogRecords

/// A topic to create.
package struct TopicSpecification: Sendable, Equatable {
  /// The topic's name.
  package var name: String
  /// How many partitions, at least 1.
  package var partitionCount: Int
  /// How many brokers hold each partition; -1 is the brokers' default.
  package var replicationFactor: Int
  /// Settings by Kafka's names, such as `retention.ms`.
  package var configuration: [String: String]

  /// A topic by name, size and settings.
  package init(name: String, partitionCount: Int, replicationFactor: Int = -1, configuration: [String: String] = [:]) {
    self.name = name
    self.partitionCount = partitionCount
    self.replicationFactor = replicationFactor
    self.configuration = configuration
  }
}

/// A topic as it is.
package struct TopicDescription: Sendable, Equatable {
  /// The topic's name.
  package let name: String
  /// How many partitions it has.
  package let partitionCount: Int
  /// How many brokers hold its first partition.
  package let replicationFactor: Int
  /// How many partitions have a leader now.
  package let partitionsWithLeader: Int

  /// A topic by name and size.
  package init(name: String, partitionCount: Int, replicationFactor: Int, partitionsWithLeader: Int) {
    self.name = name
    self.partitionCount = partitionCount
    self.replicationFactor = replicationFactor
    self.partitionsWithLeader = partitionsWithLeader
  }
}

/// One setting of a topic.
package struct TopicSetting: Sendable, Equatable {
  /// The value in force.
  package let value: String
  /// Whether it was set for this topic, in contrast to a default.
  package let isSetForTopic: Bool

  /// A setting by value and where it comes from.
  package init(value: String, isSetForTopic: Bool) {
    self.value = value
    self.isSetForTopic = isSetForTopic
  }
}

extension LogAdmin {
  /// The topics there are, by name; internal ones of the brokers included.
  ///
  /// - Throws: ``EventLogError`` with `unreachable` or `timedOut` where no broker answers. Retry.
  package func topics() async throws -> [String: TopicDescription] {
    let client = client
    let timeout = Int32(timeout.milliseconds)
    return try await block { try LogAdmin.metadata(client, timeout).topics }
  }

  /// Whether a broker answers, and how many brokers the cluster has.
  ///
  /// - Throws: ``EventLogError`` with `unreachable` or `timedOut` where none does. Retry.
  package func brokerCount(within limit: Duration) async throws -> Int {
    let client = client
    let timeout = Int32(limit.milliseconds)
    return try await block { try LogAdmin.metadata(client, timeout).brokerCount }
  }

  private static func metadata(
    _ client: ClientHandle, _ timeoutMilliseconds: Int32
  ) throws -> (topics: [String: TopicDescription], brokerCount: Int) {
    var answer: UnsafePointer<rd_kafka_metadata>?
    let number = unsafe rd_kafka_metadata(client.raw, 1, nil, &answer, timeoutMilliseconds)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe answer else {
      throw EventLogError(number, "no broker answers with the list of topics")
    }
    defer { unsafe rd_kafka_metadata_destroy(metadata) }
    var topics: [String: TopicDescription] = [:]
    for index in 0..<Int(unsafe metadata.pointee.topic_cnt) {
      let topic = unsafe metadata.pointee.topics[index]
      guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let partitions = unsafe UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
      let name = unsafe String(cString: topic.topic)
      topics[name] = TopicDescription(
        name: name, partitionCount: partitions.count,
        replicationFactor: unsafe Int(partitions.first?.replica_cnt ?? 0),
        partitionsWithLeader: unsafe partitions.count { unsafe $0.leader >= 0 })
    }
    return (topics, Int(unsafe metadata.pointee.broker_cnt))
  }

  /// Creates topics. What exists already is an error, `topicExists`.
  ///
  /// - Throws: ``EventLogError`` of the first topic that was refused; the others are created even so.
  package func createTopics(_ specifications: [TopicSpecification]) async throws {
    guard !specifications.isEmpty else { return }
    var topics: [OpaquePointer?] = unsafe []
    defer { unsafe topics.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
    for specification in specifications {
      var text = [CChar](repeating: 0, count: 256)
      guard
        let topic = unsafe rd_kafka_NewTopic_new(
          specification.name, Int32(clamping: specification.partitionCount),
          Int32(clamping: specification.replicationFactor), &text, text.count)
      else { throw EventLogError(.invalidRequest, ClientHandle.string(text)) }
      unsafe topics.append(topic)
      for (name, value) in specification.configuration { unsafe rd_kafka_NewTopic_set_config(topic, name, value) }
    }
    try await unsafe ask(RD_KAFKA_ADMIN_OP_CREATETOPICS) { options in
      unsafe rd_kafka_CreateTopics(client.raw, &topics, topics.count, options, client.queue)
    } _: { event in
      var count = 0
      let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
      try unsafe LogAdmin.check(results, count)
    }
  }

  /// Deletes a topic and everything in it.
  package func deleteTopic(_ name: String) async throws {
    var topic: OpaquePointer? = unsafe rd_kafka_DeleteTopic_new(name)
    defer { unsafe rd_kafka_DeleteTopic_destroy(topic) }
    try await unsafe ask(RD_KAFKA_ADMIN_OP_DELETETOPICS) { options in
      unsafe rd_kafka_DeleteTopics(client.raw, &topic, 1, options, client.queue)
    } _: { event in
      var count = 0
      let results = unsafe rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
      try unsafe LogAdmin.check(results, count)
    }
  }

  /// Raises the number of a topic's partitions to `count`. Records stay where they are; keys may choose others from now on.
  package func createPartitions(_ name: String, count partitionCount: Int) async throws {
    var text = [CChar](repeating: 0, count: 256)
    var partitions: OpaquePointer? = unsafe rd_kafka_NewPartitions_new(name, partitionCount, &text, text.count)
    guard unsafe partitions != nil else { throw EventLogError(.invalidRequest, ClientHandle.string(text)) }
    defer { unsafe rd_kafka_NewPartitions_destroy(partitions) }
    try await unsafe ask(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) { options in
      unsafe rd_kafka_CreatePartitions(client.raw, &partitions, 1, options, client.queue)
    } _: { event in
      var count = 0
      let results = unsafe rd_kafka_CreatePartitions_result_topics(
        rd_kafka_event_CreatePartitions_result(event), &count)
      try unsafe LogAdmin.check(results, count)
    }
  }

  private static func check(_ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int) throws {
    for index in 0..<count {
      let number = unsafe rd_kafka_topic_result_error(results?[index])
      guard number != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let name = unsafe String(cString: rd_kafka_topic_result_name(results?[index]))
      let detail = unsafe rd_kafka_topic_result_error_string(results?[index])
      let text = unsafe detail.map { unsafe String(cString: $0) } ?? ""
      throw EventLogError(number, "topic \(name): \(text)")
    }
  }
}
