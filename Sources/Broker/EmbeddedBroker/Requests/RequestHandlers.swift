internal import KafkaWire

/// Everything that answers requests.
struct RequestHandlers: Sendable {
  let produce: ProduceHandler
  let fetch: FetchHandler
  let listOffsets: ListOffsetsHandler
  let metadata: MetadataHandler
  let apiVersions: ApiVersionsHandler
  let initProducerID: InitProducerIDHandler
  let offsetForLeaderEpoch: OffsetForLeaderEpochHandler
  /// What topics and groups answer.
  let further: [any RequestFamily]

  /// Hands the request to the family that has the API.
  func dispatchFurther(_ key: APIKey, _ exchange: Exchange) throws(WireError) {
    for family in further where try family.handle(key, exchange) { return }
    throw WireError(.unsupported, "\(key) has no handler")
  }
}

/// A part of the broker that answers several APIs.
protocol RequestFamily: Sendable {
  /// Handles the request where the API is the family's own: false where it is not.
  func handle(_ key: APIKey, _ exchange: Exchange) throws(WireError) -> Bool
}
