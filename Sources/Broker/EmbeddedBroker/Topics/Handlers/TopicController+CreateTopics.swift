internal import KafkaWire

extension TopicController {
  /// CreateTopics: each topic is a change of its own.
  func answer(_ request: CreateTopicsRequest) async -> CreateTopicsResponse {
    let mode = Mode(validateOnly: request.validateOnly)
    var response = CreateTopicsResponse()
    for (topic, occurrence) in occurrences(of: request.topics, by: \.name) {
      response.topics.append(await answer(topic, occurrence, mode))
    }
    return response
  }

  private func answer(
    _ asked: CreateTopicsRequest.Topic, _ occurrence: Occurrence, _ mode: Mode
  ) async -> CreateTopicsResponse.TopicResponse {
    var response = CreateTopicsResponse.TopicResponse()
    response.name = asked.name
    response.configs = []
    do throws(TopicRefusal) {
      try occurrence.checkAlone("Duplicate topic name.")
      let topic = try await create(wish(asked), mode)
      response.topicID = topic.id
      response.numPartitions = topic.partitionCount
      response.replicationFactor = 1
      response.configs = describe(topic)
    } catch {
      response.errorCode = error.code
      response.errorMessage = error.message
    }
    return response
  }

  private func wish(_ asked: CreateTopicsRequest.Topic) -> TopicWish {
    TopicWish(
      name: asked.name, partitionCount: asked.numPartitions, replicationFactor: asked.replicationFactor,
      assignments: asked.assignments.map { .init(partition: $0.partitionIndex, brokers: $0.brokerIDs) },
      configs: asked.configs.map { .init(name: $0.name, value: $0.value) })
  }

  private func describe(_ topic: MetadataTopic) -> [CreateTopicsResponse.Config] {
    let broker = brokerConfigs
    return TopicConfig.all.filter { !$0.isInternal }.map { config in
      let resolved = broker.resolved(config, topic: topic.configs)
      return CreateTopicsResponse.Config {
        $0.name = config.name
        $0.value = resolved.value
        $0.configSource = resolved.source.rawValue
      }
    }
  }
}

/// Whether a request names something once or more often.
enum Occurrence {
  case once
  case repeated

  /// - Throws: `invalidRequest` with the sentence, where it is named more than once.
  func checkAlone(_ sentence: String) throws(TopicRefusal) {
    switch self {
    case .once: return
    case .repeated: throw TopicRefusal(.invalidRequest, sentence)
    }
  }
}

/// Each element that a request names, once, in order.
func occurrences<Element, Key: Hashable>(
  of elements: [Element], by key: (Element) -> Key
) -> [(element: Element, occurrence: Occurrence)] {
  var counts: [Key: Int] = [:]
  for element in elements { counts[key(element), default: 0] += 1 }
  var seen: Set<Key> = []
  return elements.filter { seen.insert(key($0)).inserted }.map { element in
    (element, counts[key(element)] == 1 ? .once : .repeated)
  }
}
