internal import KafkaWire

/// ApiVersions: what this broker speaks. No tagged fields: librdkafka before 2.2 misreads them.
struct ApiVersionsHandler: Sendable {
  private static let versions = APITable.advertised.map { entry in
    ApiVersionsResponse.Versions {
      $0.apiKey = entry.key.rawValue
      $0.minVersion = entry.versions.lowerBound
      $0.maxVersion = entry.versions.upperBound
    }
  }

  func handle(_: ApiVersionsRequest, _: RequestContext, reply: (ApiVersionsResponse) -> Void) {
    reply(ApiVersionsResponse { $0.apiKeys = Self.versions })
  }

  /// What answers a version that is not known, in the oldest form: how to ask again.
  let unknownVersion = ApiVersionsResponse { response in
    response.errorCode = .unsupportedVersion
    response.apiKeys = Self.versions.filter { $0.apiKey == APIKey.apiVersions.rawValue }
  }
}
