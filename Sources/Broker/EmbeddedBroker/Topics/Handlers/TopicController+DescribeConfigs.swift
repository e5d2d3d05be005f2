internal import KafkaWire

/// What configs are asked for, by the numbers on the wire.
enum ConfigResource: Int8 {
  case topic = 2
  case broker = 4
}

extension TopicController {
  /// DescribeConfigs: every config with the value that holds, and where it comes from.
  func answer(_ request: DescribeConfigsRequest) -> DescribeConfigsResponse {
    DescribeConfigsResponse { response in
      response.results = request.resources.map { resource in
        var result = DescribeConfigsResponse.ResourceResult()
        result.resourceType = resource.resourceType
        result.resourceName = resource.resourceName
        do throws(TopicRefusal) {
          result.errorMessage = ""
          let keys = resource.configurationKeys.flatMap { $0.isEmpty ? nil : Set($0) }
          result.configs = try described(resource).filter { keys?.contains($0.name) ?? true }
          for index in result.configs.indices {
            if !request.includeSynonyms { result.configs[index].synonyms = [] }
            if !request.includeDocumentation { result.configs[index].documentation = nil }
          }
        } catch {
          result.errorCode = error.code
          result.errorMessage = error.message ?? ""
        }
        return result
      }
    }
  }

  private func described(
    _ resource: DescribeConfigsRequest.Resource
  ) throws(TopicRefusal) -> [DescribeConfigsResponse.Config] {
    switch ConfigResource(rawValue: resource.resourceType) {
    case .topic: try described(topic: resource.resourceName)
    case .broker: try described(broker: resource.resourceName)
    case nil:
      throw TopicRefusal(
        .invalidRequest,
        "Resources of type \(resource.resourceType) have no configs here: topics (2) and the broker (4) do.")
    }
  }

  private func described(topic name: String) throws(TopicRefusal) -> [DescribeConfigsResponse.Config] {
    try TopicRules.checkName(name)
    guard let topic = topic(named: name) else { throw TopicRefusal(.unknownTopicOrPartition) }
    let broker = brokerConfigs
    return TopicConfig.all.filter { !$0.isInternal || topic.configs[$0.name] != nil }.map { config in
      DescribeConfigsResponse.Config(broker.resolved(config, topic: topic.configs)) {
        $0.name = config.name
        $0.configType = config.type.rawValue
        $0.documentation = config.documentation
      }
    }
  }

  private func described(broker name: String) throws(TopicRefusal) -> [DescribeConfigsResponse.Config] {
    if !name.isEmpty {
      try checkBroker(name, orNone: " or empty string", what: "Broker")
    }
    let configs = brokerConfigs
    let common = configs.everyBroker
    // Without a number, what was set for every broker.
    return BrokerConfig.all.filter { !name.isEmpty || common[$0.name] != nil }.map { config in
      let resolved = name.isEmpty ? BrokerConfigs(everyBroker: common).resolved(config) : configs.resolved(config)
      return DescribeConfigsResponse.Config(resolved) {
        $0.name = config.name
        $0.configType = config.type.rawValue
        $0.documentation = config.documentation
        $0.readOnly = config.change == .atStart
      }
    }
  }

  /// Refuses the number of another broker.
  func checkBroker(_ name: String, orNone: String, what: String) throws(TopicRefusal) {
    guard let id = Int32(name) else {
      throw TopicRefusal(.invalidRequest, "\(what) id must be an integer, but it is: \(name)")
    }
    guard id == options.brokerID else {
      throw TopicRefusal(
        .invalidRequest, "Unexpected broker id, expected \(options.brokerID)\(orNone), but received \(id)")
    }
  }
}

extension DescribeConfigsResponse.Config {
  fileprivate init(_ resolved: ResolvedConfig, _ fill: (inout Self) -> Void) {
    self.init()
    value = resolved.value
    configSource = resolved.source.rawValue
    synonyms = resolved.synonyms.map { synonym in
      DescribeConfigsResponse.Synonym {
        $0.name = synonym.name
        $0.value = synonym.value
        $0.source = synonym.source.rawValue
      }
    }
    fill(&self)
  }
}
