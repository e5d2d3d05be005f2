internal import KafkaWire

extension TopicController {
  /// CreatePartitions: each topic is a change of its own.
  func answer(_ request: CreatePartitionsRequest) async -> CreatePartitionsResponse {
    let mode = Mode(validateOnly: request.validateOnly)
    var response = CreatePartitionsResponse()
    for (topic, occurrence) in occurrences(of: request.topics, by: \.name) {
      var result = CreatePartitionsResponse.TopicResult()
      result.name = topic.name
      do throws(TopicRefusal) {
        try occurrence.checkAlone("Duplicate topic name.")
        try await grow(topic.name, to: topic.count, assignments: topic.assignments?.map(\.brokerIDs), mode)
      } catch {
        result.errorCode = error.code
        result.errorMessage = error.message
      }
      response.results.append(result)
    }
    return response
  }
}
