/// What a broker speaks. Clients before librdkafka 2.2 misread tagged fields, so a broker sets none here.
package struct ApiVersionsResponse: WireMessage {
  package static let key = APIKey.apiVersions

  /// What went wrong.
  package var errorCode: ErrorCode = .none
  /// The APIs.
  package var apiKeys: [Versions] = []
  /// How long the client is asked to keep quiet.
  package var throttleTimeMilliseconds: Int32 = 0
  /// Fields that only newer versions know, kept as they came.
  package var taggedFields: [TaggedField] = []

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&errorCode)
    try coder.field(&apiKeys)
    try coder.field(&throttleTimeMilliseconds, since: 1)
    try coder.tags(&taggedFields)
  }

  /// The versions of one API.
  package struct Versions: WireStructure {
    /// The API's number.
    package var apiKey: Int16 = 0
    /// The oldest version.
    package var minVersion: Int16 = 0
    /// The newest version.
    package var maxVersion: Int16 = 0

    package init() {}

    package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
      try coder.field(&apiKey)
      try coder.field(&minVersion)
      try coder.field(&maxVersion)
      try coder.tags()
    }
  }
}
