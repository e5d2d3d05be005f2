internal import CRdKafka

extension LogAdmin {
  /// The settings of a topic by Kafka's names, defaults included.
  ///
  /// - Throws: ``EventLogError`` with `unknownTopic` where there is none.
  package func settings(ofTopic name: String) async throws -> [String: TopicSetting] {
    var resource: OpaquePointer? = unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
    defer { unsafe rd_kafka_ConfigResource_destroy(resource) }
    return try await unsafe ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { options in
      unsafe rd_kafka_DescribeConfigs(client.raw, &resource, 1, options, client.queue)
    } _: { event in
      var count = 0
      let results = unsafe rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event), &count)
      let result = try unsafe LogAdmin.check(results, count, name)
      var settings: [String: TopicSetting] = [:]
      let entries = unsafe rd_kafka_ConfigResource_configs(result, &count)
      for index in 0..<count {
        let entry = unsafe entries?[index]
        guard let value = unsafe rd_kafka_ConfigEntry_value(entry) else { continue }
        let source = unsafe rd_kafka_ConfigEntry_source(entry)
        settings[unsafe String(cString: rd_kafka_ConfigEntry_name(entry))] = TopicSetting(
          value: unsafe String(cString: value), isSetForTopic: source == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
      }
      return settings
    }
  }

  /// Changes settings of a topic; nil takes a setting back to its default, what is not named stays.
  ///
  /// librdkafka 2.0 can only replace all settings at once: they are read, changed and written, so two changes at the same
  /// time may lose one.
  package func alterSettings(ofTopic name: String, _ changes: [String: String?]) async throws {
    var wanted = try await settings(ofTopic: name).filter(\.value.isSetForTopic).mapValues(\.value)
    for (key, value) in changes { wanted[key] = value }
    var resource: OpaquePointer? = unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name)
    defer { unsafe rd_kafka_ConfigResource_destroy(resource) }
    for (key, value) in wanted { unsafe rd_kafka_ConfigResource_set_config(resource, key, value) }
    try await unsafe ask(RD_KAFKA_ADMIN_OP_ALTERCONFIGS) { options in
      unsafe rd_kafka_AlterConfigs(client.raw, &resource, 1, options, client.queue)
    } _: { event in
      var count = 0
      let results = unsafe rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &count)
      _ = try unsafe LogAdmin.check(results, count, name)
    }
  }

  private static func check(
    _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int, _ name: String
  ) throws -> OpaquePointer {
    guard count == 1, let result = unsafe results?[0] else {
      throw EventLogError(.other, "topic \(name): the broker did not answer for it")
    }
    let number = unsafe rd_kafka_ConfigResource_error(result)
    guard number == RD_KAFKA_RESP_ERR_NO_ERROR else {
      let detail = unsafe rd_kafka_ConfigResource_error_string(result)
      let text = unsafe detail.map { unsafe String(cString: $0) } ?? ""
      throw EventLogError(number, "topic \(name): \(text)")
    }
    return unsafe result
  }
}
