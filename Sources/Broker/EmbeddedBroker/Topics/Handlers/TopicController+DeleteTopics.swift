internal import KafkaWire

extension TopicController {
  private static let unknownName = "This server does not host this topic-partition."
  private static let unknownID = "This server does not host this topic ID."

  /// DeleteTopics: by name, from version 6 on by name or by identifier.
  func answer(_ request: DeleteTopicsRequest, version: Int16) async -> DeleteTopicsResponse {
    let asked =
      version >= 6
      ? request.topics
      : request.topicNames.map { name in DeleteTopicsRequest.Topic { $0.name = name } }
    var response = DeleteTopicsResponse()
    for (topic, occurrence) in occurrences(of: asked, by: { Named(name: $0.name, id: $0.topicID) }) {
      response.responses.append(await answer(topic, occurrence))
    }
    return response
  }

  private struct Named: Hashable {
    let name: String?
    let id: WireUUID
  }

  private func answer(
    _ asked: DeleteTopicsRequest.Topic, _ occurrence: Occurrence
  ) async -> DeleteTopicsResponse.TopicResponse {
    var response = DeleteTopicsResponse.TopicResponse()
    response.name = asked.name
    response.topicID = asked.topicID
    do throws(TopicRefusal) {
      try occurrence.checkAlone(asked.name == nil ? "Duplicate topic id." : "Duplicate topic name.")
      let topic = try find(asked)
      // Of what is there, both are told.
      response.name = topic.name
      response.topicID = topic.id
      try checkDeletionIsOn()
      try await delete(topic.id)
    } catch {
      response.errorCode = error.code
      response.errorMessage = error.message
    }
    return response
  }

  private func find(_ asked: DeleteTopicsRequest.Topic) throws(TopicRefusal) -> MetadataTopic {
    switch (asked.name, asked.topicID) {
    case (let name?, .zero):
      guard let topic = topic(named: name) else {
        throw TopicRefusal(.unknownTopicOrPartition, Self.unknownName)
      }
      return topic
    case (_?, _): throw TopicRefusal(.invalidRequest, "You may not specify both topic name and topic id.")
    case (nil, .zero): throw TopicRefusal(.invalidRequest, "Neither topic name nor id were specified.")
    case (nil, let id):
      guard let topic = image.topics[id] else { throw TopicRefusal(.unknownTopicID, Self.unknownID) }
      return topic
    }
  }

  private func checkDeletionIsOn() throws(TopicRefusal) {
    guard let config = BrokerConfig.named("delete.topic.enable"), brokerConfigs.resolved(config).value == "false"
    else { return }
    throw TopicRefusal(.topicDeletionDisabled, "Topic deletion is disabled.")
  }
}
