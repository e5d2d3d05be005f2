/// Asks what a broker speaks: the first request of every client.
package struct ApiVersionsRequest: WireRequest {
  package typealias Response = ApiVersionsResponse
  package static let key = APIKey.apiVersions

  /// The client library's name.
  package var clientSoftwareName: String = ""
  /// The client library's version.
  package var clientSoftwareVersion: String = ""

  package init() {}

  package mutating func describe<Coder: WireCoder>(_ coder: inout Coder) throws(WireError) {
    try coder.field(&clientSoftwareName, since: 3)
    try coder.field(&clientSoftwareVersion, since: 3)
    try coder.tags()
  }
}
