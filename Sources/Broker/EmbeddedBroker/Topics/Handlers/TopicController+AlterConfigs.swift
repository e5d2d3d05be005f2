internal import KafkaWire

extension TopicController {
  private struct Resource: Hashable {
    let type: Int8
    let name: String
  }

  /// AlterConfigs: what is not named goes back to its default.
  func answer(_ request: AlterConfigsRequest) async -> AlterConfigsResponse {
    let mode = Mode(validateOnly: request.validateOnly)
    let asked = request.resources.map { ($0, Resource(type: $0.resourceType, name: $0.resourceName)) }
    var response = AlterConfigsResponse()
    for (resource, key) in asked {
      var result = AlterConfigsResponse.ResourceResponse()
      result.resourceType = key.type
      result.resourceName = key.name
      do throws(TopicRefusal) {
        try occurrence(of: key, in: asked.map(\.1)).checkAlone(Self.repeated)
        try await alter(key, .replacement(resource.configs.map { .init(name: $0.name, value: $0.value) }), mode)
      } catch {
        result.errorCode = error.code
        result.errorMessage = error.message
      }
      response.responses.append(result)
    }
    return response
  }

  /// IncrementalAlterConfigs: what is not named stays.
  func answer(_ request: IncrementalAlterConfigsRequest) async -> IncrementalAlterConfigsResponse {
    let mode = Mode(validateOnly: request.validateOnly)
    let asked = request.resources.map { ($0, Resource(type: $0.resourceType, name: $0.resourceName)) }
    var response = IncrementalAlterConfigsResponse()
    for (resource, key) in asked {
      var result = IncrementalAlterConfigsResponse.ResourceResponse()
      result.resourceType = key.type
      result.resourceName = key.name
      do throws(TopicRefusal) {
        try occurrence(of: key, in: asked.map(\.1)).checkAlone(Self.repeated)
        try await alter(key, .steps(try steps(resource)), mode)
      } catch {
        result.errorCode = error.code
        result.errorMessage = error.message
      }
      response.responses.append(result)
    }
    return response
  }

  private static let repeated = "Each resource must appear at most once."

  private func occurrence(of key: Resource, in all: [Resource]) -> Occurrence {
    all.count { $0 == key } == 1 ? .once : .repeated
  }

  private func steps(
    _ resource: IncrementalAlterConfigsRequest.Resource
  ) throws(TopicRefusal) -> [ConfigAlteration.Step] {
    var steps: [ConfigAlteration.Step] = []
    for config in resource.configs {
      guard let operation = ConfigAlteration.Operation(rawValue: config.configOperation) else {
        throw TopicRefusal(.invalidRequest, "Unknown operation \(config.configOperation) for \(config.name)")
      }
      steps.append(.init(name: config.name, operation: operation, value: config.value))
    }
    return steps
  }

  private func alter(_ resource: Resource, _ change: ConfigChange, _ mode: Mode) async throws(TopicRefusal) {
    switch ConfigResource(rawValue: resource.type) {
    case .topic: try await alter(topic: resource.name, change, mode)
    case .broker where resource.name.isEmpty: try await alter(broker: .everyBroker, change, mode)
    case .broker:
      try checkBroker(resource.name, orNone: "", what: "Node")
      try await alter(broker: .broker, change, mode)
    case nil: throw TopicRefusal(.invalidRequest, "Unknown resource type \(resource.type)")
    }
  }
}
