/// What stands before every response.
package struct ResponseHeader: Equatable, Sendable {
  /// The request's.
  package var correlationID: Int32

  package init(correlationID: Int32) { self.correlationID = correlationID }

  /// Whether the header ends in tagged fields. That of ApiVersions never does: whoever asks does not know yet what the
  /// broker speaks.
  private static func hasTags(_ key: APIKey, _ version: Int16) -> Bool {
    key != .apiVersions && APITable.isFlexible(key, version)
  }

  /// Adds the header's bytes.
  package func encode(into output: inout [UInt8], key: APIKey, version: Int16) {
    for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: correlationID >> Int32(shift))) }
    if Self.hasTags(key, version) { output.append(0) }
  }

  /// Reads the header of a frame (without the frame's length), and gives the body as a part of the frame.
  package static func decode(
    _ frame: ArraySlice<UInt8>, key: APIKey, version: Int16
  ) throws(WireError) -> (header: ResponseHeader, body: ArraySlice<UInt8>) {
    var header = ResponseHeader(correlationID: 0)
    var decoder = WireDecoder(frame, version: version, flexible: hasTags(key, version))
    try decoder.integer(&header.correlationID)
    try decoder.tags()
    return (header, decoder.remaining)
  }
}
